import APITranslation
import ByteWriting
import HTTPServing
import JSONBytes
import NIOCore

/// `POST /v1/messages/count_tokens` and `POST /v1/responses/input_tokens`: estimates that are made here, without a call
/// upstream.
final class TokenCountEndpoint: HTTPExchangeDelegate {
    /// Whose requests are counted.
    enum Face {
        case messages, responses
    }

    private let ticket: RequestTicket
    private let face: Face

    private init(_ ticket: RequestTicket, _ face: Face) {
        self.ticket = ticket
        self.face = face
    }

    /// Takes over an admitted request.
    static func begin(_ ticket: RequestTicket, _ face: Face) {
        ticket.exchange.delegate = TokenCountEndpoint(ticket, face)
    }

    func bodyReceived(_ body: ByteBuffer, of exchange: HTTPExchange) {
        do {
            let (settings, tape) = (ticket.settings, ticket.loop.tape)
            var answer = ByteBuffer()
            let tokens: Int
            if face == .responses {
                tokens = try settings.responsesTranslator.estimateTokens(body, tape: tape)
                answer.append("{\"object\":\"response.input_tokens\",\"input_tokens\":")
            } else {
                tokens = try settings.messagesTranslator.estimateTokens(body, tape: tape)
                answer.append("{\"input_tokens\":")
            }
            tape.shrink()
            answer.append(number: tokens)
            answer.append("}")
            ticket.send(answer) { $0.append("x-gateway-token-count: estimate\r\n") }
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
