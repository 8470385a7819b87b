/// The facts of a request of Anthropic's Messages API that the reply side needs.
package struct MessagesReplyContext: Sendable {
    /// The model name the client used, repeated in the answer.
    package var model: String
    /// Unix seconds.
    package var created: Int
    /// Upstream repeats the text so far in each event, whatever was asked (older translation models).
    package var isCumulative = false
    /// Names of tools that had to be changed for the model: from the name sent upstream to the client's.
    package var toolNames: [String: String] = [:]
    /// `thinking.display: "omitted"`: thinking blocks are there, with a signature and without text.
    package var omitsThinking = false
    /// `stop_sequences`; upstream does not say which of them ended an answer, if any.
    package var stopSequences: [String] = []
    /// Whether upstream was asked to search the web.
    package var asksForSearch = false
    /// The end of what the user said, at most 200 characters: the query of the search that is told to the client.
    package var searchQuery = ""
    /// For `message_start` where upstream's first event brings no usage.
    package var estimatedInputTokens = 0
    /// `max_tokens: 0`: one token is asked for upstream; the answer is empty and ends with `max_tokens`.
    package var wantsNothing = false
    /// Upstream's facts beside the answer (an app's session, its documents) become members of the message.
    package var tellsExtras = false
    /// Stands in the answer's id where upstream gives no request id; unique where the caller sets it so.
    package var fallbackID = ""

    package init(model: String, created: Int) {
        self.model = model
        self.created = created
    }
}
