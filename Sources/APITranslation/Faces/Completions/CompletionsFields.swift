/// The fields of `POST /v1/completions`.
package enum CompletionsFields {
    package static let all: [RequestField] = [
        RequestField("model", .string, .carried, "`model`", "Required. Aliases of the operator are resolved."),
        RequestField(
            "prompt",
            .any,
            .converted,
            "`input.messages`: one user message",
            "A string or a list of strings; each prompt of a list is a call of its own. Token ids are refused."
        ),
        RequestField(
            "suffix",
            .string,
            .converted,
            "markers in the message",
            "What stands behind the text to fill in: models that fill in the middle only."
        ),
        RequestField("echo", .boolean, .local, "", "The prompt stands in front of each text."),
        RequestField("stream", .boolean, .converted, "`X-DashScope-SSE`"),
        RequestField("stream_options", .object, .local, "", "`include_usage`."),
        RequestField("n", .integer, .carried, "`n`", "1 to 4."),
        RequestField(
            "best_of",
            .integer,
            .approximated,
            "",
            "The answers are those that upstream gives; none is chosen."
        ),
        RequestField(
            "max_tokens",
            .integer,
            .carried,
            "`max_tokens`",
            "The model's own limit where it is absent, not 16."
        ),
        RequestField("temperature", .number, .carried, "`temperature`"),
        RequestField("top_p", .number, .carried, "`top_p`"),
        RequestField("presence_penalty", .number, .carried, "`presence_penalty`"),
        RequestField("frequency_penalty", .number, .approximated, "", "Reported; no counterpart upstream."),
        RequestField("seed", .integer, .carried, "`seed`"),
        RequestField("stop", .stringOrArray, .carried, "`stop`"),
        RequestField("logit_bias", .object, .carried, "`logit_bias`"),
        RequestField("logprobs", .integer, .converted, "`logprobs`, `top_logprobs`", "0 to 5."),
        RequestField("enable_thinking", .boolean, .carried, "`enable_thinking`"),
        RequestField("thinking_budget", .integer, .carried, "`thinking_budget`"),
        RequestField("reasoning_effort", .string, .converted, "`enable_thinking`, `reasoning_effort`"),
        RequestField("top_k", .integer, .carried, "`top_k`"),
        RequestField("top_logprobs", .integer, .ignored, "", "`logprobs` says how many."),
        RequestField("incremental_output", .boolean, .local),
        RequestField("result_format", .string, .local),
        RequestField("tools", .array, .refused, "", "Chat has tools."),
        RequestField("functions", .array, .refused, "", "Chat has tools."),
        RequestField("tool_choice", .stringOrObject, .ignored, "", "Means nothing without tools."),
        RequestField("function_call", .stringOrObject, .ignored, "", "Means nothing without tools."),
        RequestField("user", .string, .ignored),
        RequestField("safety_identifier", .string, .ignored),
        RequestField("metadata", .object, .ignored),
    ]
}
