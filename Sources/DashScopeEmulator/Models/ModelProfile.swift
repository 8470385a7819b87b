/// The documented traits of one model that are visible in requests and replies.
struct ModelProfile: Sendable {
    enum Path: Sendable { case text, multimodal }
    enum Thinking: Sendable { case never, offByDefault, onByDefault, always }
    enum Kind: Sendable {
        case general, translation, longContext, document, deepResearch, vision, ocr, speechRecognition, captioner, audio
        case omni
    }
    /// When a call without server-sent events is refused.
    enum StreamRule: Sendable { case optional, required, requiredWhileThinking(String) }
    /// Which counters a model reports.
    enum UsageStyle: Sendable { case text, minimal, detailed }

    /// Lower case, without the fault.
    var name: String
    var kind: Kind
    var path: Path
    /// The documentation contradicts itself on a few models; both paths are right then.
    var isOnBothPaths: Bool
    var thinking: Thinking
    var streamRule: StreamRule
    var incrementalByDefault: Bool
    var refusesCumulativeOutput: Bool
    /// Sends the whole text again in every event, whatever was asked for.
    var alwaysCumulative: Bool
    var textFormatByDefault: Bool
    var maximumInput: Int
    var maximumOutput: Int
    var maximumThinking: Int
    var takesTools: Bool
    var takesSearch: Bool
    var takesSchema: Bool
    var takesCodeInterpreter: Bool
    var choosesAmongSeveral: Bool
    /// Completes a text between its markers, as the page on the coder models says.
    var fillsInTheMiddle: Bool
    var honoursMaxCompletionTokens: Bool
    var reasoningEfforts: [String]
    var usageStyle: UsageStyle

    /// Whether parts of a message may say their type (`input_audio`, `input_text`).
    var takesTypedSpeech: Bool {
        kind == .speechRecognition && (name.hasPrefix("qwen-audio-3.") || name.hasPrefix("fun-asr-flash"))
    }
}
