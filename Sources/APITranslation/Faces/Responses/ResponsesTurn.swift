/// The facts about a turn before its request is translated.
package struct ResponsesTurn: Sendable {
    /// The response's id without its prefix; empty for upstream's request id.
    package var id = ""
    /// How many items at the beginning of the input come from earlier turns.
    package var history = 0
    /// The session of the response that is continued, where an app of this name has answered it.
    package var session: (model: String, id: String)?
    /// Whether there is a store.
    package var canStore = false
    /// Asked when the response is complete; Unix seconds.
    package var clock: (@Sendable () -> Int)?
    /// Seals what the client keeps unread; nil where nothing can be sealed.
    package var seal: ContentSeal?
    /// The answer is a summary that takes the place of the conversation.
    package var compacts = false
    /// Takes a response that is to be stored when it has ended.
    package var ended: (@Sendable (FinishedResponse) -> Void)?

    package init() {}
}
