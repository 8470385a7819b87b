import APITranslation
import NIOHTTP1

/// The paths of OpenAI's Responses API.
extension EndpointList {
    static let responses: [RouteDescription] = [
        RouteDescription(
            pattern: "/v1/responses",
            endpoints: [
                .keyed(
                    .POST,
                    "OpenAI's Responses: whole, streamed or in the background, stored; tools, images, web search",
                    operation: OperationDescriptions.v1Responses
                ) { ticket, caller in
                    ResponsesEndpoint.begin(ticket, caller: caller)
                }
            ]
        ),
        RouteDescription(
            pattern: "/v1/responses/input_tokens",
            endpoints: [
                .keyed(
                    .POST,
                    "An estimate of the input tokens of a Responses request; no call upstream",
                    operation: OperationDescriptions.v1ResponsesInputTokens
                ) { ticket, _ in
                    TokenCountEndpoint.begin(ticket, .responses)
                }
            ]
        ),
        RouteDescription(
            pattern: "/v1/responses/compact",
            endpoints: [
                .keyed(
                    .POST,
                    "A summary that takes the place of a conversation in later requests, sealed",
                    operation: OperationDescriptions.v1ResponsesCompact
                ) { ticket, caller in
                    ResponsesEndpoint.begin(ticket, caller: caller, compacts: true)
                }
            ]
        ),
        RouteDescription(
            pattern: "/v1/responses/{id}",
            endpoints: [
                .keyed(
                    .GET,
                    "A stored response, or the events of one made in the background",
                    operation: OperationDescriptions.v1ResponsesId
                ) { ticket, _ in
                    StoredResponseEndpoints.get(ticket)
                },
                .keyed(
                    .DELETE,
                    "Forgets a stored response",
                    operation: OperationDescriptions.v1ResponsesId
                ) { ticket, _ in
                    StoredResponseEndpoints.delete(ticket)
                },
            ]
        ),
        RouteDescription(
            pattern: "/v1/responses/{id}/input_items",
            endpoints: [
                .keyed(
                    .GET,
                    "The input items of a stored response",
                    operation: OperationDescriptions.v1ResponsesIdInputItems
                ) { ticket, _ in
                    StoredResponseEndpoints.inputItems(ticket)
                }
            ]
        ),
        RouteDescription(
            pattern: "/v1/responses/{id}/cancel",
            endpoints: [
                .keyed(
                    .POST,
                    "Ends a response that runs in the background",
                    operation: OperationDescriptions.v1ResponsesId
                ) { ticket, _ in
                    StoredResponseEndpoints.cancel(ticket)
                }
            ]
        ),
        RouteDescription(
            pattern: "/v1/conversations",
            endpoints: [
                .keyed(.POST, "A new conversation", operation: OperationDescriptions.v1Conversations) { ticket, _ in
                    ConversationEndpoints.create(ticket)
                }
            ]
        ),
        RouteDescription(
            pattern: "/v1/conversations/{id}",
            endpoints: [
                .keyed(.GET, "A conversation", operation: OperationDescriptions.v1ConversationsId) { ticket, _ in
                    ConversationEndpoints.get(ticket)
                },
                .keyed(
                    .POST,
                    "Replaces a conversation's metadata",
                    operation: OperationDescriptions.v1ConversationsId
                ) { ticket, _ in
                    ConversationEndpoints.update(ticket)
                },
                .keyed(
                    .DELETE,
                    "Forgets a conversation",
                    operation: OperationDescriptions.v1ConversationsId
                ) { ticket, _ in
                    ConversationEndpoints.delete(ticket)
                },
            ]
        ),
        RouteDescription(
            pattern: "/v1/conversations/{id}/items",
            endpoints: [
                .keyed(
                    .GET,
                    "The items of a conversation",
                    operation: OperationDescriptions.v1ResponsesIdInputItems
                ) { ticket, _ in
                    ConversationEndpoints.items(ticket)
                },
                .keyed(
                    .POST,
                    "Appends items to a conversation",
                    operation: OperationDescriptions.v1ConversationsId
                ) { ticket, _ in
                    ConversationEndpoints.addItems(ticket)
                },
            ]
        ),
        RouteDescription(
            pattern: "/v1/conversations/{id}/items/{item}",
            endpoints: [
                .keyed(
                    .GET,
                    "One item of a conversation",
                    operation: OperationDescriptions.v1ConversationsIdItemsItem
                ) { ticket, _ in
                    ConversationEndpoints.item(ticket)
                },
                .keyed(
                    .DELETE,
                    "Removes an item from a conversation",
                    operation: OperationDescriptions.v1ConversationsIdItemsItem
                ) { ticket, _ in
                    ConversationEndpoints.deleteItem(ticket)
                },
            ]
        ),
    ]
}
