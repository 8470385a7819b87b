/// The fields of `POST /v1/audio/speech`.
package enum SpeechFields {
    package static let all: [RequestField] = [
        RequestField("model", .string, .carried, "`model`", "Required. Aliases of the operator are resolved."),
        RequestField(
            "input",
            .string,
            .converted,
            "`input.text`",
            "Required. A text that is longer than the model takes is divided at the ends of sentences among calls."
        ),
        RequestField(
            "voice",
            .stringOrObject,
            .converted,
            "`input.voice`",
            "A name or `{\"id\": …}`. The model's default where it is absent. OpenAI's names stand for voices of the model, "
                + "which is reported; others are passed on, or refused where all voices of the model are known."
        ),
        RequestField(
            "response_format",
            .string,
            .converted,
            "`input.format`, `response_format`",
            "`mp3`, `opus`, `aac`, `flac`, `wav` or `pcm`, as far as the model has it. Where it is absent: mp3, or what the "
                + "model has."
        ),
        RequestField(
            "speed",
            .number,
            .converted,
            "`input.rate`, `speech_rate`",
            "0.25 to 4. Models have 0.5 to 2, or one speed; what is changed is reported."
        ),
        RequestField(
            "instructions",
            .string,
            .converted,
            "`input.instructions`, `input.instruction`",
            "Reported where the model takes none."
        ),
        RequestField(
            "stream_format",
            .string,
            .local,
            "",
            "`audio` (the default) or `sse`, events with base64."
        ),
        RequestField("format", .string, .converted, "`input.format`", "DashScope's name of `response_format`."),
        RequestField("rate", .number, .converted, "`input.rate`", "DashScope's name of `speed`, passed on as it is."),
        RequestField(
            "instruction",
            .string,
            .converted,
            "`input.instruction`, `input.instructions`",
            "DashScope's name of `instructions`."
        ),
        RequestField(
            "sample_rate",
            .integer,
            .carried,
            "`input.sample_rate`",
            "Reported where the model has one rate."
        ),
        RequestField("volume", .number, .carried, "`input.volume`", "Reported where the model does not take it."),
        RequestField("pitch", .number, .carried, "`input.pitch`, `pitch_rate`", "The same."),
        RequestField("bit_rate", .integer, .carried, "`input.bit_rate`", "The same."),
        RequestField("seed", .integer, .carried, "`input.seed`", "The same."),
        RequestField("language_type", .string, .carried, "`input.language_type`", "The same."),
        RequestField(
            "language_hints",
            .array,
            .carried,
            "`input.language_hints`",
            "The same.",
            elements: .string
        ),
        RequestField("optimize_instructions", .boolean, .carried, "`input.optimize_instructions`", "The same."),
        RequestField(
            "enable_ssml",
            .boolean,
            .carried,
            "`input.enable_ssml`",
            "The same. A text with markup is not divided."
        ),
        RequestField("word_timestamp_enabled", .boolean, .carried, "`input.word_timestamp_enabled`", "The same."),
        RequestField("hot_fix", .object, .carried, "`input.hot_fix`", "The same."),
        RequestField("enable_markdown_filter", .boolean, .carried, "`input.enable_markdown_filter`", "The same."),
        RequestField("stream", .boolean, .ignored, "", "Audio leaves as it is made."),
        RequestField("user", .string, .ignored),
        RequestField("safety_identifier", .string, .ignored),
    ]
}
