/// What the translation needs to know of a model that writes down speech: the shape of its request, and what it takes.
package final class TranscriptionTraits: Sendable, Equatable {
    /// How the model is given a file.
    enum Source: String, Sendable {
        /// In a message, as a link or inline; answered at once.
        case message
        /// In a message whose parts say their type.
        case typedMessage = "typed_message"
        /// Behind the one link of a task (`file_url`).
        case link
        /// Behind one of the links of a task (`file_urls`).
        case links
        /// Piece by piece over a WebSocket, which no file is sent over.
        case session
    }

    /// Where the language of the speech is told.
    enum Language: String, Sendable {
        /// In `asr_options`.
        case options
        /// As `language`.
        case parameter
        /// As the one element of `language_hints`.
        case hints
        case none
    }

    /// DashScope's own settings, which some models know and others do not.
    enum Option: String, Sendable, CaseIterable {
        case languageHints = "language_hints"
        case vocabulary = "vocabulary_id"
        case disfluency = "disfluency_removal_enabled"
        case alignment = "timestamp_alignment_enabled"
        case filter = "special_word_filter"
        case diarization = "diarization_enabled"
        case speakers = "speaker_count"
        case channels = "channel_id"
        case normalization = "enable_itn"
        case identification = "enable_lid"
        case words = "enable_words"
    }

    struct Values: Sendable, Equatable {
        var source: Source
        var language: Language
        /// Whether it takes a text about the speech.
        var takesPrompt = false
        var options: [Option]
        /// The model of the same family that gives times and takes long files, where this one does not.
        var sibling: String?
        /// Whether marks of sounds and moods stand in its texts.
        var writesMarks = false

        /// What is usual for a source.
        init(_ source: Source) {
            self.source = source
            switch source {
            case .message, .typedMessage:
                (language, takesPrompt, options) = (.options, true, [.normalization, .identification])
            case .link: (language, options) = (.parameter, [.channels, .normalization, .words])
            case .links:
                language = .hints
                options = [
                    .languageHints, .vocabulary, .disfluency, .alignment, .filter, .diarization, .speakers, .channels,
                ]
            case .session: (language, options) = (.none, [])
            }
        }

        var isTask: Bool { source == .link || source == .links }
    }

    let values: Values

    init(_ values: Values) { self.values = values }

    package static func == (left: TranscriptionTraits, right: TranscriptionTraits) -> Bool {
        left.values == right.values
    }
}

extension TranscriptionTraits.Values {
    /// What the name of a model suggests that the catalogue does not know.
    init(guessing name: ModelName) {
        if name.holds("filetrans") {
            self.init(name.begins("qwen3") ? .link : .links)
        } else if name.begins("paraformer") || name.begins("sensevoice") {
            self.init(.links)
        } else {
            self.init(.message)
        }
    }
}
