import APITranslation
import HTTPServing
import NIOCore
import Upstream
import WireFormats

/// One call to upstream whose answer is read to its end before anybody sees it: a part of a request that makes several.
///
/// Streams are folded.
final class WholeCall: UpstreamResponseReceiver {
    /// Is told how a call ended; exactly once, unless the call was cancelled.
    protocol Owner: AnyObject {
        func callEnded(_ index: Int, output: ByteBuffer)
        func callFailed(_ index: Int, error: APIError, detail: String?)
    }

    let index: Int
    let runner: CallRunner
    private let reply: any ReplyTranslating
    private let loop: LoopContext
    private weak var owner: (any Owner)?
    private var isOver = false

    init(
        _ index: Int,
        ticket: RequestTicket,
        caller: Caller,
        mayRepeat: Bool,
        reply: any ReplyTranslating,
        owner: any Owner
    ) {
        self.index = index
        self.reply = reply
        self.owner = owner
        loop = ticket.loop
        runner = CallRunner(ticket: ticket, caller: caller, mayRepeat: mayRepeat)
    }

    var facts: ReplyFacts { reply.facts }

    func start(_ call: NativeCall) { runner.start(call, isUrgent: false, receiver: self) }

    /// Gives the call up, because its answer is no longer needed.
    func cancel(_ reason: String) {
        guard !isOver else { return }
        isOver = true
        runner.cancel()
        runner.end(reason)
    }

    func tick(now: NIODeadline) {
        guard !isOver, let error = runner.timeout(now: now) else { return }
        fail(error)
    }

    // MARK: - Upstream

    func upstreamHead(_ head: UpstreamResponseHead) { runner.received(head) }

    func upstreamBody(_ bytes: ByteBuffer) {
        guard !isOver else { return }
        if case .events = runner.answer {
            runner.decoder.append(bytes)
            receiveEvents()
        } else if !runner.collect(bytes) {
            fail(UpstreamError(.invalidResponse, detail: "answer too large"))
        }
    }

    private func receiveEvents() {
        do {
            while !isOver, let event = try runner.decoder.next() {
                var nothing = ByteBuffer()
                take(
                    event.data.withUnsafeReadableBytes {
                        reply.receive(
                            $0,
                            isError: event.isError,
                            status: event.status,
                            tape: loop.tape,
                            into: &nothing
                        )
                    }
                )
            }
        } catch {
            fail(UpstreamError(.invalidResponse, detail: "event line longer than \(error.limit) bytes"))
        }
    }

    private func take(_ outcome: ReplyOutcome) {
        if case .refused(let error) = outcome { return fail(error) }
        runner.progressed()
    }

    func upstreamReadComplete() {}

    func upstreamEnded() {
        guard !isOver else { return }
        switch runner.answer {
        case .refusal(let head):
            let refusal = runner.refusal(head)
            return fail(refusal.error, detail: refusal.detail)
        case .none: return fail(UpstreamError(.invalidResponse, detail: "no head"))
        case .whole:
            var nothing = ByteBuffer()
            take(
                runner.collected.withUnsafeReadableBytes {
                    reply.receive(whole: $0, tape: loop.tape, into: &nothing)
                }
            )
        case .events:
            if let rest = runner.decoder.finish() {
                var nothing = ByteBuffer()
                take(
                    rest.data.withUnsafeReadableBytes {
                        reply.receive($0, isError: rest.isError, status: rest.status, tape: loop.tape, into: &nothing)
                    }
                )
            }
        }
        guard !isOver, !isPending else { return }
        var output = ByteBuffer()
        if let error = reply.finish(into: &output) { return fail(error) }
        isOver = true
        runner.end(nil)
        owner?.callEnded(index, output: output)
    }

    /// A refusal in the answer has led to another attempt, which has no answer yet.
    private var isPending: Bool {
        if case .none = runner.answer { return true }
        return false
    }

    func upstreamFailed(_ error: UpstreamError) { fail(error) }

    private func fail(_ error: UpstreamError) {
        fail(runner.error(of: error), detail: error.description)
    }

    private func fail(_ error: APIError, detail: String? = nil) {
        guard !isOver else { return }
        var error = error
        if error.requestID == nil { error.requestID = runner.requestID }
        // There is one path for these calls.
        error.disposition.isWrongPath = false
        guard case .giveUp = runner.failed(error, receiver: self) else { return }
        isOver = true
        runner.end(error.code ?? error.type)
        owner?.callFailed(index, error: error, detail: detail)
    }
}
