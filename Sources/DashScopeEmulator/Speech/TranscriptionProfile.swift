/// What the documentation says of a model that writes down files.
struct TranscriptionProfile: Sendable {
    enum Form: Sendable {
        /// `file_urls`, results as a list, seconds as `duration`.
        case list
        /// `file_url`, one result, `seconds`.
        case single
    }

    var form = Form.list
    /// Parameters beside those that all of its form take.
    var parameters: Set<String> = []
    var hasWords = true
    /// Whether marks of sounds stand in its texts.
    var writesMarks = false

    static let common: Set<String> = [
        "channel_id", "disfluency_removal_enabled", "timestamp_alignment_enabled", "special_word_filter",
        "diarization_enabled", "speaker_count",
    ]

    static func named(_ name: String) -> TranscriptionProfile? {
        if name.hasPrefix("qwen3-asr-flash-filetrans") {
            return TranscriptionProfile(
                form: .single,
                parameters: ["channel_id", "language", "enable_itn", "enable_words"]
            )
        }
        let hints: Set<String> = ["language_hints", "vocabulary_id"]
        if name == "paraformer-v2" || name.hasPrefix("fun-asr") && !name.contains("realtime") && !name.contains("flash")
        {
            return TranscriptionProfile(parameters: common.union(hints))
        }
        if name.hasPrefix("qwen-audio-3."), name.hasSuffix("filetrans") {
            return TranscriptionProfile(parameters: common.union(hints))
        }
        switch name {
        case "paraformer-8k-v2": return TranscriptionProfile(parameters: common.union(["vocabulary_id"]))
        case "paraformer-v1", "paraformer-8k-v1", "paraformer-mtl-v1":
            return TranscriptionProfile(parameters: common)
        case "sensevoice-v1":
            return TranscriptionProfile(parameters: common, hasWords: false, writesMarks: true)
        default: return nil
        }
    }
}
