import APITranslation
import ByteWriting
import HTTPServing
import JSONBytes
import NIOCore

/// `POST /v1/messages/count_tokens`: an estimate that is made here, without a call upstream.
final class CountTokensEndpoint: HTTPExchangeDelegate {
    private let ticket: RequestTicket

    private init(_ ticket: RequestTicket) {
        self.ticket = ticket
    }

    /// Takes over an admitted request.
    static func begin(_ ticket: RequestTicket) {
        ticket.exchange.delegate = CountTokensEndpoint(ticket)
    }

    func bodyReceived(_ body: ByteBuffer, of exchange: HTTPExchange) {
        do {
            let tokens = try ticket.settings.messagesTranslator.estimateTokens(body, tape: ticket.loop.tape)
            ticket.loop.tape.shrink()
            var answer = ByteBuffer()
            answer.append("{\"input_tokens\":")
            answer.append(number: tokens)
            answer.append("}")
            let lines = ticket.makeHeaders(contentType: "application/json") { lines in
                lines.append("x-gateway-token-count: estimate\r\n")
            }
            exchange.respond(status: 200, headers: lines, body: answer)
            ticket.complete(RequestTicket.Facts())
        } catch {
            ticket.loop.tape.shrink()
            ticket.refuse(error)
        }
    }

    func rejected(_ exchange: HTTPExchange, reason: HTTPRejection) {
        ticket.refuse(APIError(reason))
    }

    func clientLeft(_ exchange: HTTPExchange) {
        var facts = RequestTicket.Facts()
        facts.status = 499
        ticket.complete(facts)
    }

    func writabilityChanged(_ exchange: HTTPExchange, isWritable: Bool) {}
}
