import APITranslation
import NIOCore
import Upstream
import WireFormats

/// Is told how a form goes; exactly one of ``formEnded(_:)`` and ``formFailed(_:detail:)`` comes, unless it is cancelled.
protocol FileFormOwner: AnyObject {
    /// Upstream takes bytes, or is busy with those it has.
    func formTakesBytes(_ isWritable: Bool)
    /// Upstream has the file; the runner holds what it said.
    func formEnded()
    func formFailed(_ error: APIError, detail: String?)
}

/// The form by which one file goes to DashScope's files while it arrives, with the caller's key.
final class FileForm {
    private enum State {
        case connecting, sending, finishing, over
    }

    let runner: CallRunner
    private let ticket: RequestTicket
    private let caller: Caller
    private let boundary: String
    private let head: ByteBuffer
    private weak var owner: (any FileFormOwner)?
    private var state = State.connecting
    /// Whether the next bytes are the owner's to bring.
    private var waitsForOwner = false

    /// With a `purpose` the form begins with it; else it comes behind the file.
    init(
        _ file: MultipartPart,
        purpose: FilePurpose?,
        ticket: RequestTicket,
        caller: Caller,
        owner: any FileFormOwner
    ) {
        self.ticket = ticket
        self.caller = caller
        self.owner = owner
        boundary = "gateway-\(ticket.requestID.dropFirst("req_".count))"
        var head = ByteBuffer()
        if let purpose { Self.write(purpose, boundary, into: &head) }
        head.writeString("--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"")
        head.writeString("\(file.quotedFilename)\"\r\n")
        let type = file.contentType.flatMap { $0.utf8.allSatisfy { (0x21...0x7E).contains($0) } ? $0 : nil }
        head.writeString("Content-Type: \(type ?? "application/octet-stream")\r\n\r\n")
        self.head = head
        // The bytes of the file are not kept.
        runner = CallRunner(ticket: ticket, caller: caller, mayRepeat: false)
    }

    private static func write(_ purpose: FilePurpose, _ boundary: String, into form: inout ByteBuffer) {
        form.writeString("--\(boundary)\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\n")
        form.writeString("\(purpose.rawValue)\r\n")
    }

    func start(_ request: PlatformRequest) {
        runner.start(
            ticket.core.upstreamHeads.form(
                for: request,
                boundary: boundary,
                caller: caller,
                lines: ticket.upstreamLines
            ),
            operation: request.operation,
            receiver: self
        )
    }

    /// Sends bytes of the file, once the owner was told that they are taken.
    func write(_ bytes: ByteBuffer) {
        if state == .sending { runner.write(bytes) }
    }

    /// The file is complete; a `purpose` that was not known before comes now.
    func finish(purpose: FilePurpose?) {
        guard state == .sending else { return }
        state = .finishing
        waitsForOwner = false
        runner.progressed()
        var rest = ByteBuffer(string: "\r\n")
        if let purpose { Self.write(purpose, boundary, into: &rest) }
        rest.writeString("--\(boundary)--\r\n")
        runner.write(rest)
        runner.finishBody()
    }

    func cancel(_ reason: String) {
        guard state != .over else { return }
        state = .over
        runner.cancel()
        runner.end(reason)
    }

    func tick(now: NIODeadline) {
        guard state != .over else { return }
        // The time in which the owner has nothing to send is not upstream's.
        if waitsForOwner { runner.progressed() }
        if let error = runner.timeout(now: now) { fail(error, detail: nil) }
    }

    private func fail(_ error: APIError, detail: String?) {
        guard state != .over else { return }
        state = .over
        var error = error
        error.disposition = Disposition()
        if error.requestID == nil { error.requestID = runner.requestID }
        runner.cancel()
        runner.end(error.label)
        owner?.formFailed(error, detail: detail)
    }
}

extension FileForm: UpstreamResponseReceiver {
    func upstreamTakesBody(_ isWritable: Bool) {
        switch state {
        case .connecting:
            state = .sending
            waitsForOwner = true
            runner.progressed()
            runner.write(head)
            owner?.formTakesBytes(true)
        case .sending:
            if isWritable != waitsForOwner { runner.progressed() }
            waitsForOwner = isWritable
            owner?.formTakesBytes(isWritable)
        case .finishing, .over: return
        }
    }

    func upstreamHead(_ head: UpstreamResponseHead) { runner.received(head) }

    func upstreamBody(_ bytes: ByteBuffer) {
        guard state != .over, !runner.collect(bytes) else { return }
        upstreamFailed(UpstreamError(.invalidResponse, detail: "answer too large"))
    }

    func upstreamReadComplete() {}

    func upstreamEnded() {
        guard state != .over else { return }
        switch runner.answer {
        case .refusal(let head):
            let refusal = runner.refusal(head)
            fail(refusal.error, detail: refusal.detail)
        case .whole where state == .finishing:
            state = .over
            runner.end(nil)
            owner?.formEnded()
        default: upstreamFailed(UpstreamError(.invalidResponse, detail: "answer before the end of the form"))
        }
    }

    func upstreamFailed(_ error: UpstreamError) {
        guard state != .over else { return }
        fail(runner.error(of: error), detail: error.description)
    }
}
