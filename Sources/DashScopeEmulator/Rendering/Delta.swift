/// The addition of one event of a stream.
struct Delta: Sendable {
    var choice = 0
    var reasoning = ""
    var text = ""
    var fragments: [Fragment] = []
    /// nil while the choice goes on.
    var finishReason: String?
    var searchInfo: JSON?
    var toolInfo: JSON?
    var lacksUsage = false
    /// Tokens that were read since the question, by the code interpreter.
    var extraInput = 0

    /// A piece of a tool call.
    struct Fragment: Sendable {
        var index: Int
        /// Set in the first fragment of a call.
        var opening: ToolCall?
        var arguments: String
    }
}
