import APITranslation
import HTTPServing
import NIOCore
import Telemetry
import Upstream

// The treatment of a call that failed: another try, an answer with the error's status, or an event.
extension ChatRelay {
    func fail(_ error: APIError, detail: String? = nil) {
        guard machine.state != .finished else { return }
        let filter = SecretFilter(caller, settings)
        var error = error
        if error.requestID == nil { error.requestID = runner.requestID }
        error.param = error.param.map(translator.name)
        error = filter.clean(error)
        let detail = detail.map { filter.clean($0) }
        // Like a wrong path: the request is translated again, once, with what upstream has told.
        let learnedLimit = translator.learnsOutputLimit && outputLimit == nil ? error.outputLimit : nil
        if learnedLimit != nil { error.disposition.isWrongPath = true }
        forgetOutcome()
        switch runner.failed(error, receiver: self) {
        case .retries: break
        case .otherPath:
            outputLimit = learnedLimit
            let operation = runner.operation
            retry(on: learnedLimit == nil ? operation?.other : operation, after: error)
        case .giveUp: giveUp(error, detail: detail)
        }
    }

    /// Ends the request with an error that holds no secret.
    func giveUp(_ error: APIError, detail: String?) {
        let action = machine.failed()
        facts.error = error
        facts.detail = detail
        if action == .writeErrorEvent {
            var piece = chunk.take() ?? exchange.makeChunk(capacity: 256)
            reply?.fail(error, into: &piece.bytes)
            exchange.write(piece)
            exchange.finish()
            complete()
        } else {
            leave()
            ticket.refuse(error, adjustments: facts.adjustments, facts: facts)
        }
    }

    private func retry(on operation: DashScopeOperation?, after refusal: APIError) {
        do {
            start(try translate(operation: operation))
        } catch {
            // The request does not fit the other path: the refusal stands.
            var refusal = refusal
            refusal.disposition.isWrongPath = false
            fail(refusal)
        }
    }

    func fail(_ error: UpstreamError) {
        fail(runner.error(of: error), detail: error.description)
    }

    /// The gateway stops and cannot wait any longer.
    func endForShutdown() {
        runner.facts.mayHaveRun = true
        fail(.shuttingDown)
    }
}
