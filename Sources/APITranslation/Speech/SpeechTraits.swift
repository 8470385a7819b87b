/// What the translation needs to know of a model that speaks: its voices, its formats, and what it takes.
package final class SpeechTraits: Sendable, Equatable {
    /// Members of `input` that some models know and others refuse or ignore.
    enum Option: String, Sendable, CaseIterable {
        case sampleRate = "sample_rate"
        case volume, pitch
        case bitRate = "bit_rate"
        case seed
        case languageType = "language_type"
        case languageHints = "language_hints"
        case optimizeInstructions = "optimize_instructions"
        case enableSSML = "enable_ssml"
        case wordTimestamps = "word_timestamp_enabled"
        case hotFix = "hot_fix"
        case markdownFilter = "enable_markdown_filter"
    }

    struct Values: Sendable, Equatable {
        /// The voice where the caller names none; nil where it must be named.
        var voice: String?
        /// The voices that are known.
        var voices: [String] = []
        /// Whether ``voices`` are all there are; the model then takes no voices of the caller's own.
        var isClosed = false
        /// Whether the model's name is its voice.
        var hasOneVoice = false
        /// Whether a session over WebSocket is told the text when it is opened, and takes no further one.
        var takesWholeText = false
        /// The voices that stand for OpenAI's; the others of OpenAI's are the default.
        var names: [String: String] = [:]
        /// What the model makes.
        var formats: [SpeechFormat] = []
        /// The longest text of one call, as ``SpeechText`` counts.
        var limit: Int?
        /// The member of `input` for orders about the style; nil where the model takes none.
        var instructions: String?
        var instructionsLimit: Int?
        /// The member of `input` for the speed; nil where the model has one speed.
        var speed: String?
        var options: [Option] = []
    }

    let values: Values

    init(_ values: Values) { self.values = values }

    package static func == (left: SpeechTraits, right: SpeechTraits) -> Bool { left.values == right.values }

    /// For a model that nobody knows: everything is passed on.
    ///
    /// The formats are those of its interface.
    static func unknown(_ operation: DashScopeOperation) -> SpeechTraits {
        var values = Values()
        values.options = Option.allCases
        switch operation {
        case .multimodalGeneration:
            values.formats = [.wav]
            values.instructions = "instructions"
        case .speechTask:
            values.formats = [.mp3, .wav, .pcm]
            values.speed = "rate"
            values.takesWholeText = true
        case .speechRealtime:
            values.formats = [.mp3, .wav, .pcm, .opus]
            values.instructions = "instructions"
            values.speed = "speech_rate"
        default:
            values.formats = [.mp3, .wav, .pcm, .opus]
            values.instructions = "instruction"
            values.speed = "rate"
        }
        return SpeechTraits(values)
    }
}
