import APITranslation
import AdmissionControl
import ByteWriting
import HTTPServing
import JSONBytes
import NIOCore
import Storage

/// Requests about responses that are stored.
enum StoredResponseEndpoints {
    /// `GET /v1/responses/{id}`.
    static func get(_ ticket: RequestTicket) {
        guard QueryItems(ticket.exchange.head.uri)["stream"] != "true" else {
            return ticket.refuse(
                .invalidRequest(
                    "A stored response cannot be streamed; leave out 'stream'.",
                    param: "stream",
                    code: "unsupported_parameter"
                )
            )
        }
        find(ticket) { object in ticket.respond(object.document) }
    }

    /// `DELETE /v1/responses/{id}`.
    static func delete(_ ticket: RequestTicket) {
        let id = ticket.parameters[0]
        guard let store = ticket.core.store?.objects, let owner = ticket.callerID?.value, id.hasPrefix("resp_") else {
            return ticket.refuse(notFound(id))
        }
        answer(ticket, store.remove(id, owner: owner, on: ticket.loop.eventLoop)) { wasThere in
            guard wasThere else { return ticket.refuse(notFound(id)) }
            var body = ByteBuffer()
            body.append("{\"id\":")
            body.writeJSON(id)
            body.append(",\"object\":\"response\",\"deleted\":true}")
            ticket.respond(body)
        }
    }

    /// `POST /v1/responses/{id}/cancel`.
    static func cancel(_ ticket: RequestTicket) {
        find(ticket) { _ in
            ticket.refuse(
                .invalidRequest("Cannot cancel a synchronous response.", param: nil, code: "invalid_value")
            )
        }
    }

    /// `GET /v1/responses/{id}/input_items`.
    static func inputItems(_ ticket: RequestTicket) {
        do throws(APIError) {
            let page = try page(QueryItems(ticket.exchange.head.uri))
            find(ticket) { object in
                var body = ByteBuffer()
                StoredItems.writePage(object.input.json, page, tape: ticket.loop.tape, into: &body)
                ticket.respond(body)
            }
        } catch {
            ticket.refuse(error)
        }
    }

    static func page(_ query: QueryItems) throws(APIError) -> StoredItems.Page {
        var page = StoredItems.Page()
        if let text = query["limit"] {
            guard let limit = Int(text), (1...100).contains(limit) else {
                throw .invalidRequest(
                    "Invalid value for 'limit': expected a number from 1 to 100.",
                    param: "limit",
                    code: "invalid_value"
                )
            }
            page.limit = limit
        }
        if let order = query["order"] {
            guard order == "asc" || order == "desc" else {
                throw .invalidRequest(
                    "Invalid value for 'order': expected asc or desc.",
                    param: "order",
                    code: "invalid_value"
                )
            }
            page.isAscending = order == "asc"
        }
        page.after = query["after"]
        return page
    }

    // MARK: - Looking up

    private static func find(_ ticket: RequestTicket, _ use: @escaping (StoredObject) -> Void) {
        let id = ticket.parameters[0]
        guard let store = ticket.core.store?.objects, let owner = ticket.callerID?.value, id.hasPrefix("resp_") else {
            return ticket.refuse(notFound(id))
        }
        answer(ticket, store.get(id, owner: owner, on: ticket.loop.eventLoop)) { object in
            guard let object else { return ticket.refuse(notFound(id)) }
            use(object)
        }
    }

    /// Answers with what was looked up, on the request's loop.
    static func answer<Found: Sendable>(
        _ ticket: RequestTicket,
        _ found: EventLoopFuture<Found>,
        _ use: @escaping (Found) -> Void
    ) {
        found.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let value): use(value)
            case .failure(let error): refuse(ticket, error)
            }
        }
    }

    /// Answers where looking up has failed: a fault of the request's, or of the store's.
    static func refuse(_ ticket: RequestTicket, _ error: any Error) {
        if let error = error as? APIError { return ticket.refuse(error) }
        ticket.core.store?.report(error, doing: "answer", request: ticket.requestID)
        ticket.refuse(APIError(store: error))
    }

    private static func notFound(_ id: String) -> APIError {
        APIError(
            status: 404,
            message: "Response with id '\(id.prefix(64))' not found.",
            type: "invalid_request_error",
            param: "response_id"
        )
    }
}
