package import NIOCore

/// The facts of a request of OpenAI's Responses API that the reply side needs.
package struct ResponsesReplyContext: Sendable {
    /// The model name the client used.
    package var model: String
    /// Unix seconds.
    package var created: Int
    /// Asked when the response is complete; Unix seconds.
    package var clock: (@Sendable () -> Int)?
    /// Upstream repeats the text so far in each event, whatever was asked (older translation models).
    package var isCumulative = false
    /// From the name of a tool sent upstream to the client's, for those that had to be changed.
    package var toolNames: [String: ResponsesToolName] = [:]
    /// Names sent upstream of custom tools.
    package var customTools: [String] = []
    /// Reasoning items carry a copy of the thoughts that comes back in the next turn.
    package var sealsReasoning = false
    /// Makes that copy.
    package var seal: ContentSeal?
    /// The answer is a summary that takes the place of the conversation.
    package var compacts = false
    package var wantsLogprobs = false
    /// Items of a search name all its sources.
    package var tellsSources = false
    /// Whether upstream was asked to search the web.
    package var asksForSearch = false
    /// The end of what the user said, at most 200 characters: the query of the search that is told to the client.
    package var searchQuery = ""
    /// Members of the response that repeat the request, each with a comma in front.
    package var echo = ByteBuffer()
    /// Whether the response can be asked for later.
    package var isStored = false
    /// The response's id without its prefix; empty for upstream's request id.
    package var id = ""
    /// Upstream's facts beside the answer (an app's session, its documents) become members of the response.
    package var tellsExtras = false
    /// Stands in the response's id where there is no other.
    package var fallbackID = ""
    /// The request's own items where they are kept.
    var storedInput = ByteBuffer()
    var storedInputCount = 0
    /// Takes the response when it has ended, however it ended.
    package var ended: (@Sendable (FinishedResponse) -> Void)?

    package init(model: String, created: Int) {
        self.model = model
        self.created = created
    }
}

/// A response that has ended.
package struct FinishedResponse: Sendable {
    /// The whole object, as JSON.
    package var response: ByteBuffer
    /// The items of its output, separated by commas: a slice of the object.
    package var items: ByteBuffer
    package var itemCount: Int
    /// The items of the request's own input, separated by commas.
    package var input: ByteBuffer
    package var inputCount: Int
    /// Whether it is `completed` or `incomplete`.
    package var hasAnswer: Bool
}
