import APITranslation
import NIOCore
import Upstream
import WebSocketTransport

/// One call for speech that is a session over WebSocket, in the place of an exchange over HTTP.
///
/// It is opened with the order, the texts follow once upstream has accepted it, and audio is handed on as it comes. A session
/// that failed may be opened again as long as upstream has made nothing.
final class SpeechSession: PartCall, WebSocketDelegate {
    let index: Int
    let runner: CallRunner
    private let reply: SpeechPart
    private let loop: LoopContext
    private weak var owner: (any PartCallOwner)?
    private var call: NativeCall?
    private var operation = DashScopeOperation.speechTask
    /// The messages of the present attempt.
    private var messages: SpeechMessages?
    /// Whether the texts have left.
    private var hasFollowed = false
    private var isOver = false
    /// Upstream has said all.
    private var isComplete = false
    private var written = ByteBuffer()
    private(set) var events = 0

    init(
        _ index: Int,
        ticket: RequestTicket,
        caller: Caller,
        mayRepeat: Bool,
        reply: SpeechPart,
        owner: any PartCallOwner
    ) {
        self.index = index
        self.reply = reply
        self.owner = owner
        loop = ticket.loop
        runner = CallRunner(ticket: ticket, caller: caller, mayRepeat: mayRepeat)
    }

    var facts: ReplyFacts { reply.facts }

    func start(_ call: NativeCall, isUrgent: Bool) {
        self.call = call
        operation = call.operation
        runner.open(call, delegate: self)
    }

    func cancel(_ reason: String) {
        guard !isOver else { return }
        isOver = true
        runner.cancel()
        runner.end(reason)
    }

    func tick(now: NIODeadline) -> APIError? { isOver ? nil : runner.timeout(now: now) }

    // MARK: - Upstream

    func webSocketOpened() {
        guard !isOver, let call else { return }
        // As DashScope's own SDK makes them.
        let task = RandomID.make()
        let messages = SpeechMessages(call, task: task)
        self.messages = messages
        hasFollowed = false
        runner.sessionOpened(id: task)
        runner.send(messages.opening)
    }

    func webSocketReceived(_ message: WebSocketMessage) {
        guard !isOver, !isComplete else { return }
        let step =
            switch message {
            case .text(let bytes):
                bytes.withUnsafeReadableBytes {
                    reply.receive(event: $0, of: operation, tape: loop.tape, into: &written)
                }
            case .binary(let bytes): reply.receive(audio: bytes, into: &written)
            }
        switch step {
        case .none: break
        case .ready: follow()
        case .outcome(.refused(let error)): fail(error, detail: nil)
        case .outcome(let outcome):
            events += 1
            // From here on the session is not opened again: its texts are no longer needed.
            call = nil
            runner.progressed()
            isComplete = outcome == .complete
        }
    }

    private func follow() {
        guard let messages, !hasFollowed else { return }
        hasFollowed = true
        for message in messages.following { runner.send(message) }
        self.messages = nil
    }

    func webSocketReadComplete() {
        guard !isOver else { return }
        handOn()
        guard isComplete, !isOver else { return }
        runner.release()
        finish()
    }

    private func handOn() {
        guard written.readableBytes > 0 else { return }
        var bytes = ByteBuffer()
        swap(&bytes, &written)
        owner?.callWrote(index, bytes)
    }

    private func finish() {
        var output = ByteBuffer()
        if let error = reply.finish(into: &output) { return fail(error, detail: nil) }
        isOver = true
        runner.end(nil)
        owner?.callEnded(index, output: output)
    }

    func webSocketEnded(_ end: WebSocketEnd) {
        guard !isOver else { return }
        if isComplete { return webSocketReadComplete() }
        if let code = end.code {
            guard end.isClean else {
                // What upstream sent broke the protocol or a bound, and the connection was closed here.
                let settings = code == .tooLarge ? " (upstream.webSocket.maximumFrameBytes, .maximumMessageBytes)" : ""
                return fail(ErrorTable.invalidResponse(requestID: runner.requestID), detail: end.reason + settings)
            }
            if let error = reply.refusal(closeCode: code.rawValue, reason: end.reason) {
                return fail(error, detail: "close \(code.rawValue)")
            }
        }
        // In order or not: what was asked for is not there.
        let failure = UpstreamError(.connectionClosed, detail: end.code.map { "close \($0.rawValue)" } ?? end.reason)
        fail(runner.error(of: failure), detail: failure.description)
    }

    func webSocketFailed(_ failure: WebSocketFailure) {
        guard !isOver else { return }
        let (error, detail) = runner.failure(failure)
        fail(error, detail: detail)
    }

    func fail(_ error: APIError, detail: String?) {
        guard !isOver else { return }
        var error = error
        if error.requestID == nil { error.requestID = runner.requestID }
        // There is one path only.
        error.disposition.isWrongPath = false
        if case .retries = runner.failed(error, delegate: self) { return }
        // What came before counts.
        handOn()
        guard !isOver else { return }
        isOver = true
        runner.end(error.code ?? error.type)
        owner?.callFailed(index, error: error, detail: detail)
    }
}
