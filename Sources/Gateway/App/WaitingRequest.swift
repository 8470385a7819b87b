import APITranslation
import AdmissionControl
import HTTPServing
import NIOCore
import Telemetry

/// A request that waits for its turn because a limit is reached.
///
/// It keeps the body that arrives meanwhile; one that goes in pieces is not read until then.
final class WaitingRequest: HTTPExchangeDelegate {
    let ticket: RequestTicket
    private let caller: Caller
    private let endpoint: Endpoint
    private let refusal: AdmissionRefusal
    private var body: ByteBuffer?
    /// Pieces of a streamed body that had arrived when it was paused.
    private var pieces: [ByteBuffer] = []
    private(set) var isOver = false
    var token: FairQueue<WaitingRequest>.Token?

    init(ticket: RequestTicket, caller: Caller, endpoint: Endpoint, refusal: AdmissionRefusal) {
        self.ticket = ticket
        self.caller = caller
        self.endpoint = endpoint
        self.refusal = refusal
        ticket.exchange.delegate = self
        ticket.exchange.pauseBody(true)
    }

    /// Asks again whether the limits allow it; its units are then taken.
    func mayRun() -> Bool { Admission.take(for: ticket, now: .now()) == nil }

    /// Goes on to its endpoint.
    func proceed() {
        isOver = true
        let exchange = ticket.exchange
        let body = body
        exchange.delegate = nil
        ticket.step("limits passed after a wait")
        endpoint.answer(ticket, caller)
        for piece in pieces { exchange.delegate?.bodyPiece(piece, of: exchange) }
        exchange.pauseBody(false)
        if let body, let delegate = exchange.delegate { delegate.bodyReceived(body, of: exchange) }
    }

    /// Its time is over: the refusal it waited with.
    func expire() {
        ticket.loop.metrics.rateLimited(scope: refusal.scope.index, kind: refusal.limit.index)
        refuse(APIError(refusal, ticket.settings.configuration.limits))
    }

    func refuse(_ error: APIError) {
        guard !isOver else { return }
        isOver = true
        ticket.loop.stopWaiting(self)
        ticket.refuse(error)
    }

    func bodyPiece(_ bytes: ByteBuffer, of exchange: HTTPExchange) { pieces.append(bytes) }

    func bodyReceived(_ body: ByteBuffer, of exchange: HTTPExchange) {
        self.body = body
    }

    func rejected(_ exchange: HTTPExchange, reason: HTTPRejection) {
        refuse(APIError(reason))
    }

    func clientLeft(_ exchange: HTTPExchange) {
        guard !isOver else { return }
        isOver = true
        ticket.loop.stopWaiting(self)
        var facts = RequestTicket.Facts()
        facts.status = 499
        ticket.complete(facts)
    }

    func writabilityChanged(_ exchange: HTTPExchange, isWritable: Bool) {}
}
