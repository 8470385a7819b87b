import APITranslation
import AdmissionControl
import ByteWriting
import HTTPServing
import JSONBytes
import NIOCore
import Storage
import Telemetry

/// Requests about responses that are stored.
enum StoredResponseEndpoints {
    /// `GET /v1/responses/{id}`: the response, or its events from a place on.
    static func get(_ ticket: RequestTicket) {
        do throws(APIError) {
            let query = QueryItems(ticket.exchange.head.uri)
            guard let number = try firstEvent(query) else {
                return find(ticket, running: { ticket.respond($0.document) }) { object in
                    ticket.respond(document(object, ticket))
                }
            }
            find(ticket, running: { follow(ticket, $0, after: number) }) { object in
                guard let events = object.events else {
                    return ticket.refuse(runsElsewhere(object) ? elsewhere : notStreamed)
                }
                send(ticket, events, after: number)
            }
        } catch {
            ticket.refuse(error)
        }
    }

    /// The number of the last event that the client has, -1 for none; nil where it wants no events.
    private static func firstEvent(_ query: QueryItems) throws(APIError) -> Int? {
        guard query["stream"] == "true" else { return nil }
        guard let text = query["starting_after"] else { return -1 }
        guard let number = Int(text), number >= 0, number < Int(Int32.max) else {
            throw .invalidRequest(
                "Invalid value for 'starting_after': expected the number of an event.",
                param: "starting_after",
                code: "invalid_value"
            )
        }
        return number
    }

    private static let notStreamed = APIError.invalidRequest(
        "A stored response can be streamed only where it was created with 'background' and 'stream'.",
        param: "stream",
        code: "unsupported_parameter"
    )

    private static let elsewhere = APIError.invalidRequest(
        "This response runs in another process of the gateway.",
        param: nil,
        code: "invalid_value"
    )

    /// Whether somebody works on a response that does not run here.
    private static func runsElsewhere(_ object: StoredObject) -> Bool {
        object.runsUntil.map { $0 >= Timestamp.unixSeconds } ?? false
    }

    private static let eventStream: StaticString = "text/event-stream; charset=utf-8"

    /// Sends the events of a response that is complete.
    private static func send(_ ticket: RequestTicket, _ events: ByteBuffer, after number: Int) {
        var rest = events
        rest.moveReaderIndex(forwardBy: BackgroundLog.offset(after: number, in: events))
        ticket.send(rest, contentType: eventStream) { $0.append("Cache-Control: no-cache\r\n") }
        ticket.complete(RequestTicket.Facts())
    }

    /// Sends the events of a response that still runs, as they come.
    private static func follow(_ ticket: RequestTicket, _ log: BackgroundLog, after number: Int) {
        let headers = ticket.makeHeaders(contentType: eventStream, requestID: nil) {
            $0.append("Cache-Control: no-cache\r\nX-Accel-Buffering: no\r\n")
        }
        EventFollower.begin(ticket, log, after: number, headers: headers) { status in
            var facts = RequestTicket.Facts()
            facts.isStreamed = true
            facts.status = status
            ticket.complete(facts)
        }
    }

    /// A response as it is; one that nobody works on any more has failed.
    private static func document(_ object: StoredObject, _ ticket: RequestTicket) -> ByteBuffer {
        guard let end = object.runsUntil, end < Timestamp.unixSeconds else { return object.document }
        return StoredResponse.interrupted(object.document, tape: ticket.loop.tape)
    }

    /// `DELETE /v1/responses/{id}`; one that still runs is cancelled first.
    static func delete(_ ticket: RequestTicket) {
        let id = ticket.parameters[0]
        guard let store = ticket.core.store?.objects, let owner = ticket.callerID?.value, id.hasPrefix("resp_") else {
            return ticket.refuse(notFound(id))
        }
        let eventLoop = ticket.loop.eventLoop
        let ended =
            ticket.core.background.find(id, owner: owner)?.cancel().hop(to: eventLoop)
            ?? eventLoop.makeSucceededVoidFuture()
        let removed = ended.flatMap { store.remove(id, owner: owner, on: eventLoop) }
        answer(ticket, removed) { wasThere in
            guard wasThere else { return ticket.refuse(notFound(id)) }
            var body = ByteBuffer()
            body.append("{\"id\":")
            body.writeJSON(id)
            body.append(",\"object\":\"response\",\"deleted\":true}")
            ticket.respond(body)
        }
    }

    /// `POST /v1/responses/{id}/cancel`; one that has ended is answered as it is.
    static func cancel(_ ticket: RequestTicket) {
        find(
            ticket,
            running: { log in
                answer(ticket, log.cancel().hop(to: ticket.loop.eventLoop)) { ticket.respond(log.document) }
            }
        ) { object in
            guard StoredResponse.ranInBackground(object.document, tape: ticket.loop.tape) else {
                return ticket.refuse(
                    .invalidRequest("Cannot cancel a synchronous response.", param: nil, code: "invalid_value")
                )
            }
            guard !runsElsewhere(object) else { return ticket.refuse(elsewhere) }
            ticket.respond(document(object, ticket))
        }
    }

    /// `GET /v1/responses/{id}/input_items`.
    static func inputItems(_ ticket: RequestTicket) {
        do throws(APIError) {
            let page = try page(QueryItems(ticket.exchange.head.uri))
            find(ticket) { answer(ticket, page, of: $0) }
        } catch {
            ticket.refuse(error)
        }
    }

    /// Answers with a page of an object's items.
    static func answer(_ ticket: RequestTicket, _ page: StoredItems.Page, of object: StoredObject) {
        do throws(APIError) {
            var body = ByteBuffer()
            try StoredItems.writePage(object.input.json, page, tape: ticket.loop.tape, into: &body)
            ticket.respond(body)
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

    /// Uses a response: one that `running` takes while it runs in this process, else what is stored of it.
    private static func find(
        _ ticket: RequestTicket,
        running: ((BackgroundLog) -> Void)? = nil,
        _ use: @escaping (StoredObject) -> Void
    ) {
        let id = ticket.parameters[0]
        guard let store = ticket.core.store?.objects, let owner = ticket.callerID?.value, id.hasPrefix("resp_") else {
            return ticket.refuse(notFound(id))
        }
        if let running, let log = ticket.core.background.find(id, owner: owner) { return running(log) }
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
