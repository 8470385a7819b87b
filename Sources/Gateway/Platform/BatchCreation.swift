import APITranslation
import HTTPServing
import NIOCore

/// `POST /v1/batches`: reads the request, and waits for an earlier one with the same `Idempotency-Key`.
final class BatchCreation: HTTPExchangeDelegate {
    private let ticket: RequestTicket
    private let caller: Caller
    private var hasEnded = false

    private init(_ ticket: RequestTicket, _ caller: Caller) {
        self.ticket = ticket
        self.caller = caller
    }

    /// Takes over an admitted request.
    static func begin(_ ticket: RequestTicket, caller: Caller) {
        ticket.exchange.delegate = BatchCreation(ticket, caller)
    }

    func bodyReceived(_ body: ByteBuffer, of exchange: HTTPExchange) {
        do throws(APIError) {
            let wishes = try RequestWishes(ticket)
            let key = try RepeatedRequests.key(of: ticket)
            let options = TranslationOptions(ticket.settings.configuration)
            let request = try ticket.loop.translating(body, for: exchange) { (tape) throws(APIError) in
                try PlatformRequest.createBatch(body, tape: tape, options: options, strict: wishes.isStrict)
            }
            guard let key else { return PlatformRelay.begin(request, ticket, caller: caller, wishes: wishes) }
            wait(for: key) { [self, ticket, caller] in
                let repeats = ticket.core.repeats
                guard !hasEnded else { return repeats.end(key, with: nil, now: .now()) }
                PlatformRelay.begin(request, ticket, caller: caller, wishes: wishes) {
                    repeats.end(key, with: $0, now: .now())
                }
            }
        } catch {
            ticket.refuse(SecretFilter(caller, ticket.settings).clean(error))
        }
    }

    private func wait(for key: RepeatedRequests.Key, _ first: @escaping () -> Void) {
        ticket.core.repeats.begin(key, now: .now(), on: ticket.loop.eventLoop).assumeIsolated().whenComplete {
            [self] turn in
            switch turn {
            case .success(.known(let document)): if !hasEnded { ticket.answer(repeated: document) }
            case .success(.first): first()
            case .failure: if !hasEnded { ticket.refuse(.shuttingDown) }
            }
        }
    }

    func rejected(_ exchange: HTTPExchange, reason: HTTPRejection) {
        hasEnded = true
        ticket.refuse(APIError(reason))
    }

    func clientLeft(_ exchange: HTTPExchange) {
        hasEnded = true
        var facts = RequestTicket.Facts()
        facts.status = 499
        ticket.complete(facts)
    }

    func writabilityChanged(_ exchange: HTTPExchange, isWritable: Bool) {}
}
