import APITranslation
import HTTPServing
import NIOCore
import Telemetry
import Upstream

// What becomes of a call that failed: another try, an answer with the error's status, or an event.
extension ChatRelay {
    func fail(_ error: APIError, detail: String? = nil, wait: TimeAmount? = nil) {
        let filter = SecretFilter(caller, settings)
        var error = error
        if error.requestID == nil { error.requestID = upstreamRequestID }
        error = filter.clean(error)
        let detail = detail.map { filter.clean($0) }
        // Like a wrong path: the request is translated again, once, with what upstream has told.
        let learnedLimit = translator.learnsOutputLimit && outputLimit == nil ? error.outputLimit : nil
        let failure = RelayStateMachine.Failure(
            isWrongPath: error.isWrongPath || learnedLimit != nil,
            advice: error.retry,
            wait: wait
        )
        let action = machine?.failed(
            failure,
            canRepeat: upstreamRequest != nil,
            now: .now(),
            random: UInt64.random(in: .min ... .max)
        )
        switch action {
        case .retryOtherPath:
            upstreamCall?.cancel()
            noteAttempt(error.code ?? error.type)
            facts.retryReasons.append("wrong_path")
            outputLimit = learnedLimit
            retry(on: learnedLimit == nil ? call?.operation.other : call?.operation, after: error)
        case .retry(let pause):
            upstreamCall?.cancel()
            forgetAnswer()
            noteAttempt(error.code ?? error.type)
            facts.retryReasons.append(facts.upstreamError ?? (error.status == 429 ? "throttled" : "unavailable"))
            pendingRetry = loop.eventLoop.assumeIsolated().scheduleTask(in: pause) { [self] in
                pendingRetry = nil
                if machine?.state != .finished { send() }
            }
        case .respond:
            upstreamCall?.cancel()
            facts.error = error
            facts.detail = detail
            leave()
            ticket.refuse(error, adjustments: facts.adjustments, facts: facts)
        case .writeErrorEvent:
            upstreamCall?.cancel()
            var piece = chunk.take() ?? exchange.makeChunk(capacity: 256)
            reply?.fail(error, into: &piece.bytes)
            exchange.write(piece)
            facts.error = error
            facts.detail = detail
            exchange.finish()
            complete()
        case .ignore, nil:
            break
        }
    }

    private func retry(on operation: DashScopeOperation?, after refusal: APIError) {
        do {
            start(try translate(operation: operation))
        } catch {
            // The request does not fit the other path: the refusal stands.
            var refusal = refusal
            refusal.isWrongPath = false
            fail(refusal)
        }
    }

    func fail(_ error: UpstreamError) {
        facts.upstreamError = error.code.label
        fail(APIError(error), detail: error.description)
    }

    func timeOut(_ timeout: RelayStateMachine.Timeout) {
        // A client that reads nothing cannot be told anything either.
        if isPaused { return abandon(status: 499, abort: true) }
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
        fail(APIError(status: 504, message: message, type: "timeout_error", code: "timeout", origin: .gateway))
    }

    /// The gateway stops and cannot wait any longer.
    func endForShutdown() {
        facts.mayHaveRun = true
        fail(.shuttingDown)
    }

    /// Records what came of the present call; the second of two ends of it changes nothing.
    func noteAttempt(_ error: String?) {
        guard let call, attemptStarted != .distantPast else { return }
        let attempt = UpstreamAttempt(
            operation: call.operation,
            status: facts.upstreamStatus,
            error: error,
            duration: .now() - attemptStarted
        )
        attemptStarted = .distantPast
        if let earlier = facts.lastAttempt { facts.earlierAttempts.append(earlier) }
        facts.lastAttempt = attempt
    }
}
