import APITranslation
import AdmissionControl
import ByteWriting
import HTTPServing
import JSONBytes
import NIOCore
import Storage
import Telemetry

/// Requests about conversations.
enum ConversationEndpoints {
    // MARK: - Conversations

    /// `POST /v1/conversations`.
    static func create(_ ticket: RequestTicket) {
        BodyReader.begin(ticket) { body in
            do throws(APIError) {
                let (store, owner) = try store(of: ticket)
                let digits = String(ticket.requestID.dropFirst("req_".count))
                let request = try read(body, ticket)
                let object = StoredObject(
                    id: "conv_" + digits,
                    owner: owner,
                    document: request.document(id: "conv_" + digits, created: Timestamp.unixSeconds),
                    input: .init(json: request.items, count: request.itemCount)
                )
                StoredResponseEndpoints.answer(ticket, store.put(object, provesOwner: false, on: ticket.loop.eventLoop))
                {
                    ticket.respond(object.document)
                }
            } catch {
                ticket.refuse(error)
            }
        }
    }

    /// `GET /v1/conversations/{id}`.
    static func get(_ ticket: RequestTicket) { find(ticket) { ticket.respond($0.document) } }

    /// `POST /v1/conversations/{id}`: other metadata.
    static func update(_ ticket: RequestTicket) {
        change(ticket, needs: "metadata", \.hasMetadata) { object, request in
            object.document = request.replacingMetadata(of: object.document, tape: JSONTape())
        } answer: { object, _ in
            ticket.respond(object.document)
        }
    }

    /// `DELETE /v1/conversations/{id}`.
    static func delete(_ ticket: RequestTicket) {
        let id = ticket.parameters[0]
        do throws(APIError) {
            let (store, owner) = try store(of: ticket)
            StoredResponseEndpoints.answer(ticket, store.remove(id, owner: owner, on: ticket.loop.eventLoop)) {
                isGone in
                guard isGone else { return ticket.refuse(StoredContext.noConversation(id)) }
                var body = ByteBuffer()
                body.append("{\"id\":")
                body.writeJSON(id)
                body.append(",\"object\":\"conversation.deleted\",\"deleted\":true}")
                ticket.respond(body)
            }
        } catch {
            ticket.refuse(error)
        }
    }

    // MARK: - Items

    /// `GET /v1/conversations/{id}/items`.
    static func items(_ ticket: RequestTicket) {
        do throws(APIError) {
            let page = try StoredResponseEndpoints.page(QueryItems(ticket.exchange.head.uri))
            find(ticket) { StoredResponseEndpoints.answer(ticket, page, of: $0) }
        } catch {
            ticket.refuse(error)
        }
    }

    /// `POST /v1/conversations/{id}/items`.
    static func addItems(_ ticket: RequestTicket) {
        change(ticket, needs: "items", \.hasItems) { object, request in
            object.input.append(.init(json: request.items, count: request.itemCount))
        } answer: { _, request in
            var page = StoredItems.Page()
            page.isAscending = true
            var body = ByteBuffer()
            try? StoredItems.writePage(request.items, page, tape: ticket.loop.tape, into: &body)
            ticket.respond(body)
        }
    }

    /// `GET /v1/conversations/{id}/items/{item}`.
    static func item(_ ticket: RequestTicket) {
        find(ticket) { object in
            guard let item = StoredItems.item(ticket.parameters[1], in: object.input.json, tape: ticket.loop.tape)
            else {
                return ticket.refuse(noItem(ticket.parameters[1]))
            }
            ticket.respond(item)
        }
    }

    /// `DELETE /v1/conversations/{id}/items/{item}`; the answer is the conversation.
    static func deleteItem(_ ticket: RequestTicket) {
        let item = ticket.parameters[1]
        find(ticket) { object in
            guard let store = ticket.core.store?.objects,
                StoredItems.item(item, in: object.input.json, tape: ticket.loop.tape) != nil
            else { return ticket.refuse(noItem(item)) }
            let changed = store.update(object.id, owner: object.owner, on: ticket.loop.eventLoop) { object in
                let (json, count) = StoredItems.removing(item, from: object.input.json, tape: JSONTape())
                object.input = .init(json: json, count: count)
            }
            StoredResponseEndpoints.answer(ticket, changed) { ticket.respond($0?.document ?? object.document) }
        }
    }

    private static func noItem(_ id: String) -> APIError {
        APIError(
            status: 404,
            message: "Item with id '\(id.prefix(64))' not found in conversation.",
            type: "invalid_request_error",
            param: "item_id"
        )
    }

    // MARK: - Looking up

    private static func store(of ticket: RequestTicket) throws(APIError) -> (any ObjectStore, owner: UInt64) {
        guard let store = ticket.core.store?.objects, let owner = ticket.callerID?.value else {
            throw .invalidRequest(
                "The operator keeps no conversations; send the whole conversation to POST /v1/responses.",
                param: nil,
                code: "store_disabled"
            )
        }
        return (store, owner)
    }

    private static func read(_ body: ByteBuffer, _ ticket: RequestTicket) throws(APIError) -> ConversationRequest {
        try ConversationRequest(
            body,
            id: String(ticket.requestID.dropFirst("req_".count)),
            tape: ticket.loop.tape,
            options: TranslationOptions(ticket.settings.configuration)
        )
    }

    private static func find(_ ticket: RequestTicket, _ use: @escaping (StoredObject) -> Void) {
        let id = ticket.parameters[0]
        do throws(APIError) {
            let (store, owner) = try store(of: ticket)
            StoredResponseEndpoints.answer(ticket, store.get(id, owner: owner, on: ticket.loop.eventLoop)) { object in
                guard let object, id.hasPrefix("conv_") else {
                    return ticket.refuse(StoredContext.noConversation(id))
                }
                use(object)
            }
        } catch {
            ticket.refuse(error)
        }
    }

    /// Reads a body and changes the conversation by it.
    private static func change(
        _ ticket: RequestTicket,
        needs parameter: String,
        _ has: KeyPath<ConversationRequest, Bool>,
        _ change: @escaping @Sendable (inout StoredObject, ConversationRequest) -> Void,
        answer: @escaping (StoredObject, ConversationRequest) -> Void
    ) {
        let id = ticket.parameters[0]
        BodyReader.begin(ticket) { body in
            do throws(APIError) {
                let (store, owner) = try store(of: ticket)
                let request = try read(body, ticket)
                guard request[keyPath: has] else { throw .missing(parameter) }
                guard id.hasPrefix("conv_") else { throw StoredContext.noConversation(id) }
                let changed = store.update(id, owner: owner, on: ticket.loop.eventLoop) { change(&$0, request) }
                StoredResponseEndpoints.answer(ticket, changed) { object in
                    guard let object else { return ticket.refuse(StoredContext.noConversation(id)) }
                    answer(object, request)
                }
            } catch {
                ticket.refuse(error)
            }
        }
    }
}

/// Takes the body of a request for an answer that is made here.
final class BodyReader: HTTPExchangeDelegate {
    private let ticket: RequestTicket
    private let use: (ByteBuffer) -> Void

    private init(_ ticket: RequestTicket, _ use: @escaping (ByteBuffer) -> Void) {
        self.ticket = ticket
        self.use = use
    }

    static func begin(_ ticket: RequestTicket, _ use: @escaping (ByteBuffer) -> Void) {
        ticket.exchange.delegate = BodyReader(ticket, use)
    }

    func bodyReceived(_ body: ByteBuffer, of exchange: HTTPExchange) { use(body) }

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
