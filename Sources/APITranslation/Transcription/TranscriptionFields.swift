/// The fields of `POST /v1/audio/transcriptions` and `/v1/audio/translations`.
package enum TranscriptionFields {
    package static let all: [RequestField] = [
        RequestField(
            "file",
            .any,
            .converted,
            "`audio` of the message, `file_url` or `file_urls`",
            "Required: in JSON a URL (`https`, `http`, `oss`) or, for models that answer at once, a data URL."
        ),
        RequestField("model", .string, .carried, "`model`", "Required. Aliases of the operator are resolved."),
        RequestField(
            "language",
            .string,
            .converted,
            "`asr_options.language`, `language` or `language_hints`",
            "A code such as `en`; an English name becomes its code. Reported where the model takes none."
        ),
        RequestField(
            "languages",
            .array,
            .converted,
            "`language_hints`, or the first as `language`",
            elements: .string
        ),
        RequestField(
            "prompt",
            .string,
            .converted,
            "the system message",
            "Text about the speech; reported where the model reads none."
        ),
        RequestField("keywords", .array, .converted, "the system message", "As `prompt`.", elements: .string),
        RequestField(
            "response_format",
            .string,
            .local,
            "",
            "`json` (the default), `text`, `srt`, `vtt`, `verbose_json` or `diarized_json`."
        ),
        RequestField(
            "timestamp_granularities",
            .array,
            .converted,
            "`enable_words`",
            "`segment` (the default) and `word`, with `verbose_json`.",
            elements: .string
        ),
        RequestField("stream", .boolean, .converted, "`X-DashScope-SSE`", "With `json`, `text` and `diarized_json`."),
        RequestField("temperature", .number, .ignored, "", "Reported unless it is 0."),
        RequestField("include", .array, .ignored, "", "Reported: there are no log probabilities.", elements: .string),
        RequestField("chunking_strategy", .any, .ignored, "", "Reported unless it is `auto`."),
        RequestField(
            "known_speaker_names",
            .array,
            .ignored,
            "",
            "Reported: speakers are told apart, not recognized.",
            elements: .string
        ),
        RequestField("known_speaker_references", .array, .ignored, "", "Reported.", elements: .string),
        RequestField("user", .string, .ignored),
        RequestField("safety_identifier", .string, .ignored),
        RequestField(
            "language_hints",
            .array,
            .carried,
            "`language_hints`",
            "Reported where the model has none.",
            elements: .string
        ),
        RequestField("diarization_enabled", .boolean, .carried, "`diarization_enabled`", "The same."),
        RequestField("speaker_count", .integer, .carried, "`speaker_count`", "2 to 100."),
        RequestField("vocabulary_id", .string, .carried, "`vocabulary_id`", "Hot words."),
        RequestField("disfluency_removal_enabled", .boolean, .carried, "`disfluency_removal_enabled`"),
        RequestField("timestamp_alignment_enabled", .boolean, .carried, "`timestamp_alignment_enabled`"),
        RequestField(
            "special_word_filter",
            .stringOrObject,
            .converted,
            "`special_word_filter`",
            "An object becomes the string that DashScope wants."
        ),
        RequestField("channel_id", .array, .carried, "`channel_id`", "Each channel is charged.", elements: .integer),
        RequestField("enable_itn", .boolean, .carried, "`enable_itn`, also of `asr_options`"),
        RequestField("enable_lid", .boolean, .carried, "`asr_options.enable_lid`"),
        RequestField("enable_words", .boolean, .carried, "`enable_words`"),
        RequestField("asr_options", .object, .carried, "`asr_options`"),
        RequestField(
            "resources",
            .array,
            .carried,
            "`resources`",
            "Hot words of the first generation.",
            elements: .object
        ),
    ]
}
