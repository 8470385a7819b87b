import APITranslation
import HTTPServing
import JSONBytes
import NIOCore
import Upstream

/// Asks DashScope whether a key is valid before an answer that needs no call: a generation call without messages,
/// which is refused for its body after the key was judged, and costs nothing.
///
/// Only a clear refusal of the key is one: where DashScope cannot be asked, the answer is given.
final class KeyCheck: UpstreamResponseReceiver, HTTPExchangeDelegate {
    private static let body = ByteBuffer(string: #"{"model":"qwen-turbo","input":{"messages":[]}}"#)
    private static let largestRefusal = 64 << 10

    private let ticket: RequestTicket
    private let answer: (RequestTicket) -> Void
    private var head: UpstreamResponseHead?
    private var collected = ByteBuffer()
    private var call: UpstreamCall?
    private var isOver = false

    /// Answers at once where the verdict is known or not wanted, otherwise after the call.
    static func run(_ ticket: RequestTicket, caller: Caller, answer: @escaping (RequestTicket) -> Void) {
        guard ticket.settings.configuration.models.verifyKeys, let id = ticket.callerID else { return answer(ticket) }
        switch ticket.core.keyVerdicts.verdict(of: id, now: .now()) {
        case true?: return answer(ticket)
        case false?: return ticket.refuse(refusal)
        case nil: break
        }
        let check = KeyCheck(ticket: ticket, answer: answer)
        ticket.exchange.delegate = check
        let call = NativeCall(operation: .textGeneration, upstreamModel: "qwen-turbo", body: body)
        let request = ticket.core.upstreamHeads.request(for: call, caller: caller)
        check.call = ticket.loop.pool.execute(request, receiver: check)
    }

    private init(ticket: RequestTicket, answer: @escaping (RequestTicket) -> Void) {
        self.ticket = ticket
        self.answer = answer
    }

    private static let refusal = APIError(
        status: 401,
        message: "DashScope does not accept this API key.",
        type: "invalid_request_error",
        code: "invalid_api_key"
    )

    private func end(isValid: Bool?) {
        guard !isOver else { return }
        isOver = true
        call?.cancel()
        ticket.exchange.delegate = nil
        if let isValid, let id = ticket.callerID { ticket.core.keyVerdicts.remember(isValid, of: id, now: .now()) }
        if isValid == false { ticket.refuse(Self.refusal) } else { answer(ticket) }
    }

    // MARK: - Upstream

    func upstreamHead(_ head: UpstreamResponseHead) { self.head = head }

    func upstreamBody(_ bytes: ByteBuffer) {
        if collected.readableBytes < Self.largestRefusal { collected.writeImmutableBuffer(bytes) }
    }

    func upstreamReadComplete() {}

    func upstreamEnded() {
        guard let head else { return end(isValid: nil) }
        let error = collected.withUnsafeReadableBytes {
            ErrorTable.map(status: head.status, body: $0, requestIDHeader: nil, tape: ticket.loop.tape)
        }
        if error.status == 401 { return end(isValid: false) }
        end(isValid: head.status < 500 && error.status < 500 ? true : nil)
    }

    func upstreamFailed(_ error: UpstreamError) { end(isValid: nil) }

    // MARK: - Client

    func bodyReceived(_ body: ByteBuffer, of exchange: HTTPExchange) {}

    func rejected(_ exchange: HTTPExchange, reason: HTTPRejection) {
        isOver = true
        call?.cancel()
        ticket.refuse(APIError(reason))
    }

    func clientLeft(_ exchange: HTTPExchange) {
        guard !isOver else { return }
        isOver = true
        call?.cancel()
        var facts = RequestTicket.Facts()
        facts.status = 499
        ticket.complete(facts)
    }

    func writabilityChanged(_ exchange: HTTPExchange, isWritable: Bool) {}
}
