/// The operator's choices about translation.
package struct TranslationOptions: Sendable {
    /// Answers longer than this are streamed inside, because DashScope ends plain calls after 300 seconds.
    package var longestPlainAnswer = 8192
    /// `thinking_budget` sent for a `reasoning_effort`; none by default.
    package var thinkingBudgets: [String: Int] = [:]
    /// Bodies with more JSON values are refused: each costs memory and time that its bytes do not show.
    package var maximumValues = 1_000_000
    /// Streams end with usage where the request does not say whether they should.
    package var alwaysIncludesUsage = false
    /// Whether `messages[].name`, which models do not know, stands in front of the message's text.
    package var keepsMessageNames = false

    /// The longest base64 that stands in the call of a conversation; media with longer ones are stored before.
    package var maximumInline = FilePlacement.longestItem

    /// The most inputs of one request for embeddings.
    package var maximumInputs = 2048
    /// The most prompts of one request for text completions, each of which is a call.
    package var maximumPrompts = 128
    /// The most images of one request.
    package var maximumImages = 10
    /// The model that puts transcripts into English.
    package var speechTranslationModel = "qwen-mt-flash"
    /// The longest text of one request for speech.
    package var maximumSpeechCharacters = 40_960

    package init() {}
}
