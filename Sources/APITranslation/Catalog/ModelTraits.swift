/// The traits of a model that the translation needs.
///
/// Taken from the catalogue where the model stands there, otherwise from rules on its name.
package struct ModelTraits: Equatable, Sendable {
    package enum Thinking: String, Sendable {
        /// Cannot think; `enable_thinking` is refused upstream.
        case never
        /// Thinks when `enable_thinking` is true.
        case offByDefault
        /// Thinks unless `enable_thinking` is false.
        case onByDefault
        /// Can be switched; the default is not known.
        case switchable
        /// Cannot be switched off.
        case always
        case unknown
    }

    package enum StreamOnly: String, Sendable {
        case no
        case always
        /// Non-streaming calls work only with `enable_thinking: false`.
        case whenThinking
    }

    /// Whether contents may be lists of text parts, which carry cache markers, on the text path.
    package enum TextParts: String, Sendable {
        case always, never
        /// Without tools such a prompt is lost upstream, without a word.
        case withTools
    }

    /// The native path to try first.
    package var operation: DashScopeOperation
    package var thinking: Thinking
    package var streamOnly: StreamOnly
    /// Whether the model takes `max_completion_tokens`; older ones know `max_tokens` only.
    package var takesMaxCompletionTokens: Bool
    /// Whether the model takes `reasoning_effort` (`high`, `max`): DeepSeek V4, GLM 5.
    package var takesReasoningEffort: Bool
    /// Whether `response_format` `json_schema` is understood.
    package var takesJSONSchema: Bool
    /// Whether events repeat the whole text although increments were asked for (older qwen-mt).
    package var isCumulative: Bool
    /// Whether the model takes images, audio or video at all; nil if unknown.
    package var takesMedia: Bool?
    /// On the text path; the multimodal one always takes lists.
    package var textParts = TextParts.always
    /// Whether uploaded files can be named by their ids (qwen-long).
    package var readsFiles = false
    /// Whether the model speaks: `modalities` and `audio` mean something to it.
    package var writesAudio = false
    /// Whether `enable_search` is taken; nil where the catalogue does not say.
    package var takesSearch: Bool?
    /// Whether it takes one user message and nothing else (qwen-mt).
    package var isTranslation = false
    /// Whether it knows the markers of a text with a gap (`<|fim_prefix|>` and its like).
    package var fillsInTheMiddle = false
    /// Largest `max_tokens`; nil where it is not known.
    package var maxOutputTokens: Int?
    /// Whether the model answers conversations; other kinds have endpoints of their own.
    package var isConversational = true
    /// The purpose of the model, where the catalogue states it.
    package var kind: ModelKind?
    /// The traits for embeddings and rerank.
    package var vectors: VectorTraits?
    /// What counts for images; nil where nobody knows.
    package var image: ImageTraits?
    /// What counts for writing down speech; nil for models that do not.
    package var transcription: TranscriptionTraits?
    /// What counts for videos; nil where nobody knows.
    package var video: VideoTraits?
    /// What counts for speech; nil for a model that does not speak, or where nobody knows.
    package var speech: SpeechTraits?

    /// An app of DashScope's; which model answers is the app's own matter.
    static let app: ModelTraits = {
        var traits = ModelTraits(operation: .application, takesMaxCompletionTokens: true, takesMedia: true)
        traits.takesSearch = true
        return traits
    }()

    package init(
        operation: DashScopeOperation,
        thinking: Thinking = .unknown,
        streamOnly: StreamOnly = .no,
        takesMaxCompletionTokens: Bool = false,
        takesReasoningEffort: Bool = false,
        takesJSONSchema: Bool = false,
        isCumulative: Bool = false,
        takesMedia: Bool? = nil,
        maxOutputTokens: Int? = nil
    ) {
        self.operation = operation
        self.thinking = thinking
        self.streamOnly = streamOnly
        self.takesMaxCompletionTokens = takesMaxCompletionTokens
        self.takesReasoningEffort = takesReasoningEffort
        self.takesJSONSchema = takesJSONSchema
        self.isCumulative = isCumulative
        self.takesMedia = takesMedia
        self.maxOutputTokens = maxOutputTokens
    }
}
