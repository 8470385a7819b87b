/// The parameters of a transcription that its document depends on.
struct TranscriptWish: Sendable {
    private static let languages: Set<String> = [
        "zh", "yue", "en", "ja", "de", "ko", "ru", "fr", "pt", "ar", "it", "es", "hi", "id", "th", "tr", "uk", "vi",
        "cs",
        "da", "fil", "fi", "is", "ms", "no", "pl", "sv",
    ]

    var channels = [0]
    var language: String?
    var speakers: Int?
    var givesWords = true

    /// Reads the parameters, of which a model refuses those that it does not know.
    init(_ request: OperationRequest, profile: TranscriptionProfile) throws(Refusal) {
        let parameters = request.parameters
        for name in TranscriptionProfile.common.union([
            "language", "language_hints", "vocabulary_id", "enable_itn", "enable_words", "asr_options",
        ])
        where parameters[name] != nil && !profile.parameters.contains(name) {
            throw .invalid("\(name) is not supported by this model")
        }
        if let value = parameters["channel_id"] {
            guard let list = value.array, !list.isEmpty else { throw .wrongType("channel_id", "a list of integers") }
            channels = []
            for item in list {
                guard let channel = item.int, channel >= 0 else {
                    throw .wrongType("channel_id", "a list of integers")
                }
                channels.append(channel)
            }
        }
        for name in ["disfluency_removal_enabled", "timestamp_alignment_enabled", "enable_itn"] {
            _ = try request.flag(name)
        }
        if let value = parameters["language"] {
            guard let code = value.string, Self.languages.contains(code) else {
                throw .invalid("language is not supported")
            }
            language = code
        }
        if let value = parameters["language_hints"] {
            guard let list = value.array, list.allSatisfy({ $0.string != nil }) else {
                throw .wrongType("language_hints", "a list of strings")
            }
            language = list.first?.string
        }
        if let value = parameters["vocabulary_id"], value.string == nil {
            throw .wrongType("vocabulary_id", "a string")
        }
        if let value = parameters["special_word_filter"] {
            guard let text = value.string, JSON(bytes: text.utf8)?.members != nil else {
                throw .invalid("special_word_filter must be a JSON string")
            }
        }
        let count = try request.integer("speaker_count", in: 2...100)
        if try request.flag("diarization_enabled") == true { speakers = count ?? 2 }
        givesWords = profile.hasWords
        if profile.form == .single { givesWords = try request.flag("enable_words") ?? false }
    }

    /// The document behind the link of a result.
    func document(of spoken: SpokenText, file: String, profile: TranscriptionProfile) -> JSON {
        var document: JSON = ["file_url": .string(file)]
        if profile.form == .single {
            document["audio_info"] = ["format": "mp3", "sample_rate": 16_000]
        } else {
            document["properties"] = [
                "audio_format": "pcm_s16le", "channels": .array(channels.map(JSON.int)),
                "original_sampling_rate": 16_000,
                "original_duration_in_milliseconds": .int(spoken.duration),
            ]
        }
        document["transcripts"] = .array(
            channels.map { channel in
                var transcript: JSON = [
                    "channel_id": .int(channel), "text": .string(text(spoken.text, profile)),
                    "sentences": .array(
                        spoken.sentences.enumerated().map { sentence($1, at: $0, of: spoken, profile) }
                    ),
                ]
                if profile.form == .list {
                    transcript["content_duration_in_milliseconds"] = .int(spoken.duration - 100)
                }
                return transcript
            }
        )
        return document
    }

    private func text(_ text: String, _ profile: TranscriptionProfile) -> String {
        profile.writesMarks ? "<|Speech|> \(text) <|/Speech|><|NEUTRAL|>" : text
    }

    private func sentence(
        _ sentence: SpokenText.Sentence,
        at place: Int,
        of spoken: SpokenText,
        _ profile: TranscriptionProfile
    ) -> JSON {
        var document: JSON = [
            "begin_time": .int(sentence.begin), "end_time": .int(sentence.end),
            "text": .string(text(sentence.text, profile)),
            "sentence_id": .int(profile.form == .single ? place : place + 1),
        ]
        if profile.form == .single {
            document["language"] = .string(language ?? spoken.language)
            document["emotion"] = "neutral"
        }
        if let speakers { document["speaker_id"] = .int(place % speakers) }
        guard givesWords else { return document }
        document["words"] = .array(
            sentence.words.map { word in
                [
                    "begin_time": .int(word.begin), "end_time": .int(word.end), "text": .string(word.text),
                    "punctuation": .string(word.mark),
                ]
            }
        )
        return document
    }
}
