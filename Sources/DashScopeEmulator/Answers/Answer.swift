/// The content of an answer, before it is written as a reply or a stream.
struct Answer: Sendable {
    struct Choice: Sendable, Equatable {
        var text: String
        var finishReason: String
    }

    var reasoning = ""
    var choices: [Choice]
    var toolCalls: [ToolCall] = []
    /// The member `search_info`.
    var searchInfo: JSON?
    /// Whether a stream sends the sources in an event of their own, before the text.
    var prependsSearch = false
    /// The member `tool_info` of the code interpreter.
    var toolInfo: JSON?
    /// The member `annotations` of a message, for recognized speech.
    var annotations: JSON?
    /// The member `ocr_result` of a content item.
    var ocrResult: JSON?
    /// The member `image_hw` of a content item.
    var imageSizes: JSON?
    var usage: UsageMeter
}
