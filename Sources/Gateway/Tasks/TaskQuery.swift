import NIOCore
import Upstream

/// One call about a task that is there: what it does, or that it should stop.
final class TaskQuery: UpstreamResponseReceiver {
    enum Outcome {
        case answer(UpstreamResponseHead, ByteBuffer)
        case failed(UpstreamError)
    }

    private let maximumBytes: Int
    private var head: UpstreamResponseHead?
    private var body = ByteBuffer()
    private var call: UpstreamCall?
    private var ended: ((Outcome) -> Void)?

    /// Sends the request; `ended` is told what came of it, once, unless it is cancelled.
    init(_ request: UpstreamRequest, pool: UpstreamPool, maximumBytes: Int, ended: @escaping (Outcome) -> Void) {
        self.maximumBytes = maximumBytes
        self.ended = ended
        call = pool.execute(request, receiver: self)
    }

    func cancel() {
        ended = nil
        call?.cancel()
        call = nil
    }

    private func end(_ outcome: Outcome) {
        let ended = ended.take()
        call = nil
        ended?(outcome)
    }

    func upstreamHead(_ head: UpstreamResponseHead) { self.head = head }

    func upstreamBody(_ bytes: ByteBuffer) {
        guard body.readableBytes + bytes.readableBytes <= maximumBytes else {
            call?.cancel()
            return end(.failed(UpstreamError(.invalidResponse, detail: "answer too large")))
        }
        body.writeImmutableBuffer(bytes)
    }

    func upstreamReadComplete() {}

    func upstreamEnded() {
        guard let head else { return end(.failed(UpstreamError(.invalidResponse, detail: "no head"))) }
        end(.answer(head, body))
    }

    func upstreamFailed(_ error: UpstreamError) { end(.failed(error)) }
}
