import APITranslation
import NIOCore
import Telemetry
import Upstream
import WebSocketTransport
import WireFormats

/// Runs one call to upstream: sends it, again where that is allowed, keeps what came of the answer, watches the time.
///
/// Knows no client. Its owner is told by the connection what upstream sends, and hands that on here; so a relay that
/// streams and a call that is answered whole use the same rules. The native calls of a request have a runner each.
final class CallRunner {
    /// The form of the upstream answer.
    enum Answer {
        case none
        case refusal(UpstreamResponseHead)
        case whole
        case events
    }

    /// The next step after a failure.
    enum Decision {
        /// The same bytes are sent again after a pause; nothing is left to do.
        case retries
        /// The request has to be translated for the other generation path.
        case otherPath
        case giveUp
    }

    static let refusalLimit = 1 << 20

    // Members that each chunk needs come first.
    private(set) var answer = Answer.none
    var decoder = ServerSentEventDecoder()
    private var machine: CallStateMachine
    private var upstreamCall: UpstreamCall?
    private(set) var collected = ByteBuffer()
    private var isPaused = false

    private let ticket: RequestTicket
    private let caller: Caller
    private let loop: LoopContext
    /// The parts of the call that are needed later; nil before the first call.
    private(set) var operation: DashScopeOperation?
    private var upstreamModel = ""
    private var streamsUpstream = false
    /// The bytes of the call, shared with the connection and kept as long, for a retry.
    private var request: UpstreamRequest?
    /// The session to open, as long as it may be opened again.
    private var session: WebSocketRequest?
    private var connection: WebSocketConnection?
    private var attemptStarted = NIODeadline.distantPast
    private var pendingRetry: Scheduled<Void>?
    var requestID: String?
    var facts = CallFacts()

    /// Without `mayRepeat` a failure is never followed by the same call.
    init(ticket: RequestTicket, caller: Caller, mayRepeat: Bool) {
        self.ticket = ticket
        self.caller = caller
        loop = ticket.loop
        machine = CallStateMachine(limits: ticket.settings.callLimits, mayRepeat: mayRepeat)
    }

    private var core: GatewayCore { ticket.core }

    // MARK: - Sending

    /// Sends a call; one that is urgent leaves at once, not together with others.
    func start(_ call: NativeCall, isUrgent: Bool, receiver: any UpstreamResponseReceiver) {
        request = core.upstreamHeads.request(for: call, caller: caller, lines: ticket.upstreamLines)
        request?.isUrgent = isUrgent
        request?.isSentOnce = call.operation.isAsynchronous
        // The request alone keeps the body, until it is not needed: a reference here would hold a large one longer.
        operation = call.operation
        upstreamModel = call.upstreamModel
        streamsUpstream = call.streamsUpstream
        send(receiver)
    }

    /// Sends a call that is no model's; a body that follows in pieces is sent once.
    func start(_ request: UpstreamRequest, operation: DashScopeOperation, receiver: any UpstreamResponseReceiver) {
        self.request = request
        self.operation = operation
        send(receiver)
    }

    /// Sends a piece of a body that follows, once the receiver was told that upstream takes it.
    func write(_ bytes: ByteBuffer) {
        upstreamCall?.write(bytes)
        upstreamCall?.flush()
    }

    func finishBody() { upstreamCall?.finishBody() }

    private func beginAttempt() {
        let now = NIODeadline.now()
        machine.callStarted(now: now)
        facts.attempts = machine.attempts
        attemptStarted = now
        forgetAnswer()
        requestID = nil
        facts.upstreamStatus = nil
        facts.upstreamError = nil
    }

    private func send(_ receiver: any UpstreamResponseReceiver) {
        guard let request else { return }
        beginAttempt()
        let upstreamCall = loop.pool.execute(request, receiver: receiver)
        self.upstreamCall = upstreamCall
        ticket.step(
            "call sent",
            [
                "operation": operation?.rawValue ?? "",
                "attempt": machine.attempts,
                "connection": Self.word(for: upstreamCall.isOnUsedConnection) ?? "awaited",
            ]
        )
        if isPaused { upstreamCall.pauseReading(true) }
    }

    /// What is told of a connection; nil where there is none yet.
    private static func word(for isUsed: Bool?) -> String? { isUsed.map { $0 ? "reused" : "opened" } }

    // MARK: - Sessions

    /// Opens the session of a call over WebSocket.
    func open(_ call: NativeCall, delegate: any WebSocketDelegate) {
        var session = core.upstreamHeads.session(for: call, caller: caller, lines: ticket.upstreamLines)
        let bounds = ticket.settings.configuration.upstream.webSocket
        session.maximumFrameBytes = bounds.maximumFrameBytes
        session.maximumMessageBytes = bounds.maximumMessageBytes
        session.closeTimeout = bounds.closeTimeout
        self.session = session
        operation = call.operation
        upstreamModel = call.upstreamModel
        connect(delegate)
    }

    private func connect(_ delegate: any WebSocketDelegate) {
        guard let session else { return }
        beginAttempt()
        if let error = loop.pool.admitSession() {
            // Later, so that the owner holds the call before it fails.
            return loop.eventLoop.assumeIsolated().execute { delegate.webSocketFailed(.unreachable(error)) }
        }
        ticket.step(
            "call sent",
            ["operation": operation?.rawValue ?? "", "attempt": machine.attempts, "connection": "opened"]
        )
        let pool = loop.pool
        let connection = WebSocketClient.connect(
            to: pool.configuration,
            session,
            on: loop.eventLoop,
            delegate: delegate,
            released: { pool.sessionEnded() }
        )
        self.connection = connection
        if isPaused { connection.pauseReading(true) }
    }

    /// The session is open: its messages may be sent.
    func sessionOpened(id: String) {
        facts.upstreamStatus = 101
        requestID = id
        loop.pool.hostAnswered()
    }

    /// Sends a message of the session.
    func send(_ message: ByteBuffer) { connection?.send(.text(message)) }

    /// The error of a session that could not be opened.
    func failure(_ failure: WebSocketFailure) -> (error: APIError, detail: String?) {
        switch failure {
        case .unreachable(let error):
            if error.code != .circuitOpen, error.code != .poolExhausted { loop.pool.judge(error) }
            return (self.error(of: error), error.description)
        case .refused(let head, let body):
            received(head)
            guard case .refusal = answer else {
                let error = UpstreamError(.invalidResponse, detail: "status \(head.status) in the place of an upgrade")
                return (self.error(of: error), error.description)
            }
            _ = collect(body)
            return refusal(head)
        }
    }

    /// Drops the rest of an answer that failed, so that it is not read as a part of the next.
    private func forgetAnswer() {
        answer = .none
        collected = ByteBuffer()
        decoder = ServerSentEventDecoder()
    }

    /// Stops or resumes reading, for a client that is slower than upstream.
    func pauseReading(_ paused: Bool) {
        isPaused = paused
        upstreamCall?.pauseReading(paused)
        connection?.pauseReading(paused)
    }

    // MARK: - The answer

    func received(_ head: UpstreamResponseHead) {
        requestID = head.first("x-request-id").flatMap(UpstreamID.visible)
        facts.upstreamStatus = head.status
        ticket.step(
            "upstream answers",
            ["status": head.status, "connection": Self.word(for: upstreamCall?.isOnUsedConnection) ?? ""]
        )
        guard head.status >= 200, head.status < 300 else {
            answer = .refusal(head)
            return
        }
        loop.pool.hostAnswered()
        switch head.content {
        case .events: answer = .events
        case .json: answer = .whole
        // Some recorded streams have no content type: what was asked for decides.
        case nil: answer = streamsUpstream ? .events : .whole
        }
    }

    /// Keeps bytes of a whole answer or a refusal; false where the answer is too large.
    func collect(_ bytes: ByteBuffer) -> Bool {
        let limit: Int
        switch answer {
        case .whole:
            limit = ticket.settings.configuration.upstream.maximumReplyBytes
            guard collected.readableBytes + bytes.readableBytes <= limit else { return false }
        case .refusal:
            guard collected.readableBytes < Self.refusalLimit else { return true }
        case .none, .events: return true
        }
        if collected.readableBytes == 0 { collected = bytes } else { collected.writeImmutableBuffer(bytes) }
        return true
    }

    /// Upstream sent something that counts.
    @inline(__always)
    func progressed() {
        machine.progressed(now: .now())
        if request != nil { commit() }
        if session != nil { session = nil }
    }

    /// Upstream has taken the call: the request is not needed again, and a second path has proved itself.
    private func commit() {
        request = nil
        if case .events = answer { ticket.step("first event") }
        upstreamCall?.releaseRequest()
        guard let operation, machine.hasTriedOtherPath else { return }
        core.paths.learn(operation, for: upstreamModel)
    }

    /// The error of a refusal that has been received, and the wait that it asks for.
    func refusal(_ head: UpstreamResponseHead) -> (error: APIError, detail: String?) {
        var error = collected.withUnsafeReadableBytes {
            ErrorTable.map(status: head.status, body: $0, requestIDHeader: requestID, tape: loop.tape)
        }
        error.explainUnknownModel(upstreamModel, of: ticket.settings.catalog)
        error.disposition.consider(head, isDashScope: error.upstreamCode != nil, now: Timestamp.unixSeconds)
        switch error.disposition.health {
        case .unharmed: loop.pool.hostAnswered()
        case .failing: loop.pool.hostFailed("status \(head.status)")
        }
        if head.status == 407 {
            let refusal = UpstreamError.proxyRefusal(status: 407)
            return (self.error(of: refusal), refusal.description)
        }
        if let wait = error.disposition.wait {
            error.retryAfter = Int((TimeAmount(wait).nanoseconds + 999_999_999) / 1_000_000_000)
        }
        if head.first("x-should-retry") == "false" { error.shouldRetry = false }
        return (error, nil)
    }

    // MARK: - Failures

    /// The error for a client when a connection failed.
    func error(of failure: UpstreamError) -> APIError {
        facts.upstreamError = failure.code.label
        return APIError(failure)
    }

    /// Decides what follows a failure by its disposition.
    func failed(_ error: APIError, receiver: any UpstreamResponseReceiver) -> Decision {
        failed(error) { [self] in send(receiver) }
    }

    /// The same for a session, which is opened again.
    func failed(_ error: APIError, delegate: any WebSocketDelegate) -> Decision {
        failed(error) { [self] in connect(delegate) }
    }

    private func failed(_ error: APIError, again: @escaping () -> Void) -> Decision {
        let action = machine.failed(
            error.disposition,
            canRepeat: request != nil || session != nil,
            now: .now(),
            random: UInt64.random(in: .min ... .max)
        )
        cancel()
        stepFailed(error, action)
        switch action {
        case .retryOtherPath:
            noteAttempt(error.code ?? error.type)
            facts.retryReasons.append("wrong_path")
            return .otherPath
        case .retry(let pause):
            forgetAnswer()
            noteAttempt(error.code ?? error.type)
            facts.retryReasons.append(facts.upstreamError ?? (error.status == 429 ? "throttled" : "unavailable"))
            pendingRetry = loop.eventLoop.assumeIsolated().scheduleTask(in: pause) { [self] in
                pendingRetry = nil
                again()
            }
            return .retries
        case .giveUp:
            return .giveUp
        }
    }

    private func stepFailed(_ error: APIError, _ action: CallStateMachine.FailureAction) {
        switch action {
        case .retryOtherPath: ticket.step("call goes to the other path", error, caller)
        case .retry(let pause):
            ticket.step("call is repeated", error, caller, ["pause_ms": Int(pause.nanoseconds / 1_000_000)])
        case .giveUp: ticket.step("call failed", error, caller)
        }
    }

    /// Records what came of the present call; the second of two ends of it changes nothing.
    private func noteAttempt(_ error: String?) {
        guard let operation, attemptStarted != .distantPast else { return }
        let attempt = UpstreamAttempt(
            operation: operation,
            status: facts.upstreamStatus,
            error: error,
            duration: .now() - attemptStarted
        )
        attemptStarted = .distantPast
        if let earlier = facts.lastAttempt { facts.earlierAttempts.append(earlier) }
        facts.lastAttempt = attempt
    }

    // MARK: - Time

    /// The error of a time limit that has been reached, if any.
    func timeout(now: NIODeadline) -> APIError? {
        guard let timeout = machine.timeout(now: now) else { return nil }
        let message =
            switch timeout {
            case .firstEvent: "DashScope sent nothing in time."
            case .idle: "DashScope stopped sending."
            case .total: "The request took longer than the gateway allows."
            }
        facts.upstreamError = "timeout"
        // Not even a head: the host is in trouble rather than the model slow.
        if timeout == .firstEvent, facts.upstreamStatus == nil { loop.pool.hostFailed("no answer in time") }
        facts.mayHaveRun = true
        return APIError(status: 504, message: message, type: "timeout_error", code: "timeout", origin: .gateway)
    }

    // MARK: - Ending

    /// Gives the call up: its connection is closed, so that upstream stops working and charging.
    func cancel() {
        upstreamCall?.cancel()
        connection.take()?.cancel()
    }

    /// Wants no more of the answer, whose end may still be on its way.
    func release() {
        upstreamCall?.release()
        connection.take()?.close()
    }

    /// Nothing more happens to the call; `error` is the word for what ended it.
    func end(_ error: String?) {
        machine.finish()
        pendingRetry?.cancel()
        pendingRetry = nil
        request = nil
        session = nil
        noteAttempt(error)
    }
}
