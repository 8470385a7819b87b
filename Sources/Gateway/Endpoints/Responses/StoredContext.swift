import APITranslation
import AdmissionControl
import ByteWriting
import JSONBytes
import NIOCore
import Storage

/// The stored objects to which a request refers.
struct StoredContext: Sendable {
    /// The response that is continued.
    var previous: String?
    /// The conversation that is continued.
    var conversation: String?
    /// Items in front of the request's own.
    var items = StoredObject.Items()
    /// The session of the response that is continued, where an app has answered it.
    var session: (model: String, id: String)?
    /// Items that the request refers to, by id.
    var referred: [String: ByteBuffer] = [:]

    /// Looks up what a request refers to.
    ///
    /// Fails with an ``APIError`` where a conversation is not there; items that are not there are left to the translation.
    static func find(_ references: ResponsesReferences, ticket: RequestTicket) -> EventLoopFuture<StoredContext> {
        let eventLoop = ticket.loop.eventLoop
        guard let store = ticket.core.store?.objects, let owner = ticket.callerID?.value else {
            if let previous = references.previous { return eventLoop.makeFailedFuture(noResponse(previous)) }
            if let id = references.conversation { return eventLoop.makeFailedFuture(noConversation(id)) }
            return eventLoop.makeSucceededFuture(StoredContext())
        }
        return history(references, store, owner, eventLoop).flatMap { context in
            var found = eventLoop.makeSucceededFuture(context)
            for id in references.items {
                guard let response = response(ofItem: id) else { continue }
                found = found.and(store.get(response, owner: owner, on: eventLoop)).map { context, object in
                    var context = context
                    let tape = JSONTape()
                    if let object {
                        context.referred[id] =
                            StoredItems.item(id, in: object.output.json, tape: tape)
                            ?? StoredItems.item(id, in: object.input.json, tape: tape)
                    }
                    return context
                }
            }
            return found
        }
    }

    private static func history(
        _ references: ResponsesReferences,
        _ store: any ObjectStore,
        _ owner: UInt64,
        _ eventLoop: any EventLoop
    ) -> EventLoopFuture<StoredContext> {
        if let previous = references.previous {
            return store.chain(previous, owner: owner, on: eventLoop).flatMapThrowing { chain in
                guard let chain else { throw noResponse(previous) }
                guard chain.last?.runsUntil == nil else { throw unfinished(previous) }
                var context = StoredContext(previous: previous)
                for object in chain {
                    context.items.append(object.input)
                    context.items.append(object.output)
                }
                context.session = chain.last.flatMap { StoredItems.session(of: $0.document, tape: JSONTape()) }
                return context
            }
        }
        if let id = references.conversation {
            return store.get(id, owner: owner, on: eventLoop).flatMapThrowing { object in
                guard let object, id.hasPrefix("conv_") else { throw noConversation(id) }
                return StoredContext(conversation: id, items: object.input)
            }
        }
        return eventLoop.makeSucceededFuture(StoredContext())
    }

    /// The response that an item of this id belongs to: `msg_X_0` to `resp_X`.
    private static func response(ofItem id: String) -> String? {
        let parts = id.split(separator: "_")
        return parts.count == 3 ? "resp_" + parts[1] : nil
    }

    private static func unfinished(_ id: String) -> APIError {
        .invalidRequest(
            "Previous response with id '\(id.prefix(64))' is not complete yet.",
            param: "previous_response_id",
            code: "invalid_value"
        )
    }

    private static func noResponse(_ id: String) -> APIError {
        .invalidRequest(
            "Previous response with id '\(id.prefix(64))' not found.",
            param: "previous_response_id",
            code: "previous_response_not_found"
        )
    }

    static func noConversation(_ id: String) -> APIError {
        APIError(
            status: 404,
            message: "Conversation with id '\(id.prefix(64))' not found.",
            type: "invalid_request_error",
            param: "conversation"
        )
    }
}
