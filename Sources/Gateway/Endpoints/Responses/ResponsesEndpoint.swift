import APITranslation
import AdmissionControl
import ByteWriting
import HTTPServing
import NIOCore
import Storage
import Telemetry

/// `POST /v1/responses` and `/v1/responses/compact`: puts a request together with what it continues, and lets a relay answer it.
final class ResponsesEndpoint: HTTPExchangeDelegate {
    private let ticket: RequestTicket
    private let caller: Caller
    /// Whether the answer is a summary that takes the place of the conversation.
    private let compacts: Bool
    /// Whether the client is gone or refused while something is looked up.
    private var hasEnded = false

    private init(_ ticket: RequestTicket, _ caller: Caller, compacts: Bool) {
        self.ticket = ticket
        self.caller = caller
        self.compacts = compacts
    }

    /// Takes over an admitted request.
    static func begin(_ ticket: RequestTicket, caller: Caller, compacts: Bool = false) {
        ticket.exchange.delegate = ResponsesEndpoint(ticket, caller, compacts: compacts)
    }

    func bodyReceived(_ body: ByteBuffer, of exchange: HTTPExchange) {
        guard compacts || ResponsesComposer.mayRefer(body) else { return relay(body, StoredContext()) }
        do {
            let composer = ResponsesComposer(options: TranslationOptions(ticket.settings.configuration))
            let references = try composer.references(body, tape: ticket.loop.tape)
            guard !references.isEmpty || compacts else { return answer(body, StoredContext(), references) }
            StoredContext.find(references, ticket: ticket).assumeIsolated().whenComplete { [self] result in
                found(result, body, composer, references)
            }
        } catch {
            ticket.refuse(error)
        }
    }

    private func found(
        _ result: Result<StoredContext, any Error>,
        _ body: ByteBuffer,
        _ composer: ResponsesComposer,
        _ references: ResponsesReferences
    ) {
        guard !hasEnded else { return }
        switch result {
        case .success(let context):
            do {
                let tape = ticket.loop.tape
                let (history, items) = (context.items.json, context.referred)
                guard !compacts else {
                    return relay(
                        try composer.composeCompaction(body, tape: tape, history: history, items: items),
                        context
                    )
                }
                let composed = try composer.compose(body, tape: tape, history: history, items: items)
                answer(composed, context, references)
            } catch {
                ticket.refuse(error)
            }
        case .failure(let error): StoredResponseEndpoints.refuse(ticket, error)
        }
    }

    private func answer(_ body: ByteBuffer, _ context: StoredContext, _ references: ResponsesReferences) {
        guard references.runsInBackground else { return relay(body, context) }
        BackgroundRun.begin(
            ticket,
            caller: caller,
            body: body,
            context: context,
            isStreamed: references.isStreamed
        ) { [self] in !hasEnded }
    }

    /// Hands the request over to a relay, which stores the response where it is to be.
    private func relay(_ body: ByteBuffer, _ context: StoredContext) {
        var turn = ResponsesTurn()
        turn.clock = { Timestamp.unixSeconds }
        turn.history = context.items.count
        turn.session = context.session
        turn.compacts = compacts
        turn.seal = ticket.callerID.map { ticket.core.sealing.seal(of: $0.value) }
        if compacts { turn.id = String(ticket.requestID.dropFirst("req_".count)) }
        if !compacts, let store = ticket.core.store, let owner = ticket.callerID?.value {
            let id = String(ticket.requestID.dropFirst("req_".count))
            let eventLoop = ticket.loop.eventLoop
            turn.id = id
            turn.canStore = true
            turn.ended = { response in
                let object = StoredObject(
                    id: "resp_" + id,
                    owner: owner,
                    previous: context.previous,
                    document: response.response,
                    input: .init(json: response.input, count: response.inputCount),
                    output: .init(json: response.items, count: response.itemCount)
                )
                store.keep(
                    object,
                    provesOwner: response.hasAnswer,
                    conversation: context.conversation,
                    on: eventLoop
                )
            }
        }
        let translator = ResponsesTurnTranslator(ticket.settings.responsesTranslator, turn)
        ChatRelay.begin(ticket, caller: caller, translator: translator)
        ticket.exchange.delegate?.bodyReceived(body, of: ticket.exchange)
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
