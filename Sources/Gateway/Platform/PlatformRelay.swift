import APITranslation
import HTTPServing
import JSONBytes
import NIOCore
import Upstream

/// Answers a request about files or batches with one call upstream.
final class PlatformRelay: RunningRequest {
    private let ticket: RequestTicket
    private let caller: Caller
    private let request: PlatformRequest
    private let runner: CallRunner
    /// Is told the answer that the client gets, or nil where there is none.
    private let ended: ((ByteBuffer?) -> Void)?
    private var isOver = false
    var place: Int?

    private init(
        _ request: PlatformRequest,
        _ ticket: RequestTicket,
        _ caller: Caller,
        _ wishes: RequestWishes,
        ended: ((ByteBuffer?) -> Void)?
    ) {
        self.request = request
        self.ticket = ticket
        self.caller = caller
        self.ended = ended
        runner = CallRunner(ticket: ticket, caller: caller, mayRepeat: !wishes.isRepeated)
    }

    /// Answers an admitted request that has no body.
    static func begin(
        _ ticket: RequestTicket,
        caller: Caller,
        _ make: () throws(APIError) -> PlatformRequest
    ) {
        do throws(APIError) {
            let wishes = try RequestWishes(ticket)
            let request = try make()
            if wishes.isStrict, let refusal = request.adjustments.refusal { throw refusal }
            begin(request, ticket, caller: caller, wishes: wishes)
        } catch {
            ticket.refuse(SecretFilter(caller, ticket.settings).clean(error))
        }
    }

    /// Answers a request that was read before.
    static func begin(
        _ request: PlatformRequest,
        _ ticket: RequestTicket,
        caller: Caller,
        wishes: RequestWishes,
        ended: ((ByteBuffer?) -> Void)? = nil
    ) {
        let relay = PlatformRelay(request, ticket, caller, wishes, ended: ended)
        ticket.exchange.delegate = relay
        ticket.loop.add(relay)
        ticket.beginTrace(operation: request.operation.rawValue, model: "", isStreamed: false)
        relay.runner.start(
            ticket.core.upstreamHeads.request(for: request, caller: caller, lines: ticket.upstreamLines),
            operation: request.operation,
            receiver: relay
        )
    }

    // MARK: - Ending

    private func finish() {
        var output = ByteBuffer()
        let isRead = runner.collected.withUnsafeReadableBytes { bytes in
            (try? ticket.loop.tape.parse(bytes)).map { request.write($0, into: &output) } ?? false
        }
        guard isRead else { return fail(ErrorTable.invalidResponse(requestID: runner.requestID), detail: nil) }
        runner.progressed()
        guard leave(nil) else { return }
        ended?(output)
        ticket.answer(output, of: runner, request.adjustments, SecretFilter(caller, ticket.settings))
    }

    private func fail(_ error: APIError, detail: String?) {
        guard !isOver else { return }
        var error = error
        error.disposition.isWrongPath = false
        if error.requestID == nil { error.requestID = runner.requestID }
        if case .retries = runner.failed(error, receiver: self) { return }
        end(request.refusal(error), detail: detail)
    }

    private func end(_ error: APIError, detail: String?) {
        guard leave(error.label) else { return }
        ended?(nil)
        let filter = SecretFilter(caller, ticket.settings)
        var facts = RequestTicket.Facts(of: runner, filter)
        facts.adjustments = request.adjustments
        facts.detail = detail.map { filter.clean($0) }
        ticket.refuse(filter.clean(error), adjustments: request.adjustments, facts: facts)
    }

    private func leave(_ error: String?) -> Bool {
        guard !isOver else { return false }
        isOver = true
        if error != nil { runner.cancel() }
        runner.end(error)
        ticket.loop.remove(self)
        return true
    }

    func tick(now: NIODeadline) {
        if !isOver, let error = runner.timeout(now: now) { fail(error, detail: nil) }
    }

    func endForShutdown() { end(.shuttingDown, detail: nil) }
}

// MARK: - Upstream

extension PlatformRelay: UpstreamResponseReceiver {
    func upstreamHead(_ head: UpstreamResponseHead) { runner.received(head) }

    func upstreamBody(_ bytes: ByteBuffer) {
        guard !isOver, !runner.collect(bytes) else { return }
        upstreamFailed(UpstreamError(.invalidResponse, detail: "answer too large"))
    }

    func upstreamReadComplete() {}

    func upstreamEnded() {
        guard !isOver else { return }
        switch runner.answer {
        case .refusal(let head):
            let refusal = runner.refusal(head)
            fail(refusal.error, detail: refusal.detail)
        case .none: upstreamFailed(UpstreamError(.invalidResponse, detail: "no head"))
        case .whole, .events: finish()
        }
    }

    func upstreamFailed(_ error: UpstreamError) { fail(runner.error(of: error), detail: error.description) }
}

// MARK: - Client

extension PlatformRelay: HTTPExchangeDelegate {
    func bodyReceived(_ body: ByteBuffer, of exchange: HTTPExchange) {}

    func rejected(_ exchange: HTTPExchange, reason: HTTPRejection) { end(APIError(reason), detail: nil) }

    func clientLeft(_ exchange: HTTPExchange) {
        guard leave("client_left") else { return }
        ended?(nil)
        var facts = RequestTicket.Facts(of: runner, SecretFilter(caller, ticket.settings))
        facts.status = 499
        ticket.complete(facts)
    }

    func writabilityChanged(_ exchange: HTTPExchange, isWritable: Bool) {}
}

extension RequestTicket.Facts {
    /// The facts of a request that made one call.
    init(of runner: CallRunner, _ filter: SecretFilter) {
        calls = runner.facts
        upstreamRequestID = runner.requestID.map { filter.clean($0) }
    }
}

extension RequestTicket {
    /// Answers with a document that was made of upstream's.
    func answer(_ document: ByteBuffer, of runner: CallRunner, _ adjustments: AdjustmentList, _ filter: SecretFilter) {
        var facts = Facts(of: runner, filter)
        facts.adjustments = adjustments
        facts.firstByte = .now()
        let attempts = facts.calls.attempts
        send(document, requestID: runner.requestID) { lines in
            ResponseHeaders.write(adjustments, into: &lines)
            ResponseHeaders.write(attempts: attempts, into: &lines)
        }
        complete(facts)
    }

    /// Answers with the object that an earlier request with the same key got.
    func answer(repeated document: ByteBuffer) {
        send(document)
        complete(Facts())
    }
}

extension RequestWishes {
    init(_ ticket: RequestTicket) throws(APIError) {
        try self.init(
            headers: ticket.exchange.head.headers,
            strict: ticket.settings.configuration.translation.strict
        )
    }
}
