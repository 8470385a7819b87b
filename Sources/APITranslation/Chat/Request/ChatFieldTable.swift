import JSONBytes

/// The one table of chat request fields: what is taken, what happens to it, and for which models it differs.
///
/// `docs/parameters.md` is generated from it.
package enum ChatFieldTable {
    package static let fields: [ChatField] = [
        ChatField(.model, "model", .string, .carried, "`model`", "Required. Aliases of the operator are resolved."),
        ChatField(
            .messages,
            "messages",
            .array,
            .converted,
            "`input.messages`",
            "Required. `developer` becomes `system` and is reported."
        ),
        ChatField(
            .stream,
            "stream",
            .boolean,
            .local,
            "`X-DashScope-SSE: enable`, `incremental_output: true`",
            "Models that only stream, or may think, are streamed inside and answered whole."
        ),
        ChatField(
            .streamOptions,
            "stream_options",
            .object,
            .local,
            "",
            "`include_usage` adds the usage chunk. Tolerated without `stream`. Unknown members are reported."
        ),
        ChatField(
            .maxCompletionTokens,
            "max_completion_tokens",
            .integer,
            .converted,
            "`max_completion_tokens`, or `max_tokens` for older models",
            "Reasoning and answer together. On older models that think it caps the answer only, which is reported."
        ),
        ChatField(
            .maxTokens,
            "max_tokens",
            .integer,
            .carried,
            "`max_tokens`",
            "Caps the visible answer. Left out where `max_completion_tokens` is given as well. 0 is left out and reported."
        ),
        ChatField(.temperature, "temperature", .number, .carried, "`temperature`", "0 to 2; 2 becomes 1.99, reported."),
        ChatField(.topP, "top_p", .number, .carried, "`top_p`", "0 to 1; 0 becomes 0.000001, reported."),
        ChatField(
            .frequencyPenalty,
            "frequency_penalty",
            .number,
            .ignored,
            "",
            "No native counterpart. Reported unless it is 0."
        ),
        ChatField(.presencePenalty, "presence_penalty", .number, .carried, "`presence_penalty`", "−2 to 2."),
        ChatField(.n, "n", .integer, .carried, "`n`", "1 to 4, and 1 with tools; anything else is refused."),
        ChatField(.stop, "stop", .stringOrArray, .carried, "`stop`", ""),
        ChatField(
            .seed,
            "seed",
            .integer,
            .carried,
            "`seed`",
            "-1 means none; another negative seed loses its sign. Both reported."
        ),
        ChatField(.logitBias, "logit_bias", .object, .carried, "`logit_bias`", "Token ids are those of the model."),
        ChatField(.logprobs, "logprobs", .boolean, .carried, "`logprobs`", ""),
        ChatField(
            .topLogprobs,
            "top_logprobs",
            .integer,
            .carried,
            "`top_logprobs`",
            "0 to 20; above 5 becomes 5, reported."
        ),
        ChatField(
            .responseFormat,
            "response_format",
            .object,
            .converted,
            "`response_format`",
            "`json_schema` becomes `json_object` with the schema in the system message where the model has no schema "
                + "support. A missing word \"json\" is added. Thinking is switched off where the model cannot do both. "
                + "All reported."
        ),
        ChatField(
            .tools,
            "tools",
            .array,
            .converted,
            "`tools`",
            "Functions and custom tools; other types are refused. `strict` is left out (reported when true). A list of parameters "
                + "becomes a schema. Custom tools become functions with one string `input`, their grammar is told in the "
                + "description. All reported. An empty list is an absent one."
        ),
        ChatField(
            .toolChoice,
            "tool_choice",
            .stringOrObject,
            .converted,
            "`tool_choice`",
            "`required` forces the only tool; with several it becomes `auto` and the system message asks for a call, "
                + "reported. A forced tool switches thinking off, reported, unless the request asks for thinking; then the "
                + "choice becomes `auto`, reported, and for `required` the system message asks for a call. `allowed_tools` "
                + "filters the list."
        ),
        ChatField(
            .parallelToolCalls,
            "parallel_tool_calls",
            .boolean,
            .carried,
            "`parallel_tool_calls`",
            "OpenAI's default is true, DashScope's is false: true is sent with tools unless the request says false."
        ),
        ChatField(.functions, "functions", .array, .converted, "`tools`", "Deprecated; answered with `function_call`."),
        ChatField(.functionCall, "function_call", .stringOrObject, .converted, "`tool_choice`", "Deprecated."),
        ChatField(
            .reasoningEffort,
            "reasoning_effort",
            .string,
            .approximated,
            "`enable_thinking`, `reasoning_effort`",
            "`none` and `minimal` switch thinking off, the others on. DeepSeek V4 and GLM 5 get `high` or `max`. Left out "
                + "for models that cannot think. Reported where the degree is lost."
        ),
        ChatField(
            .reasoning,
            "reasoning",
            .object,
            .approximated,
            "",
            "`effort` is read as `reasoning_effort`, `max_tokens` as `thinking_budget`, `enabled` as `enable_thinking`; other "
                + "members are reported."
        ),
        ChatField(
            .thinking,
            "thinking",
            .object,
            .converted,
            "`enable_thinking`, `thinking_budget`",
            "`type` enabled or disabled; `budget_tokens`. Other members are reported."
        ),
        ChatField(
            .chatTemplateKwargs,
            "chat_template_kwargs",
            .object,
            .converted,
            "`enable_thinking`",
            "`enable_thinking`, `thinking`, `thinking_budget`, `reasoning_effort`, `preserve_thinking` and `clear_thinking` are "
                + "read; other members are reported."
        ),
        ChatField(
            .webSearchOptions,
            "web_search_options",
            .object,
            .converted,
            "`enable_search`, `search_options`",
            "Sources are asked for. `search_context_size` and `user_location` have no counterpart, reported."
        ),
        ChatField(.verbosity, "verbosity", .string, .ignored, "", "Reported."),
        ChatField(
            .modalities,
            "modalities",
            .array,
            .carried,
            "`modalities`",
            "Omni models only; `audio` is reported elsewhere."
        ),
        ChatField(.audio, "audio", .object, .carried, "`audio`", "Omni models only; reported elsewhere."),
        ChatField(.prediction, "prediction", .object, .ignored, "", "A hint for speed."),
        ChatField(.store, "store", .boolean, .ignored, "", "Nothing is stored; reported when true."),
        ChatField(.metadata, "metadata", .object, .ignored, "", ""),
        ChatField(.serviceTier, "service_tier", .string, .ignored, "", "Reported unless `auto` or `default`."),
        ChatField(.user, "user", .string, .ignored, "", ""),
        ChatField(.safetyIdentifier, "safety_identifier", .string, .ignored, "", ""),
        ChatField(.promptCacheKey, "prompt_cache_key", .string, .ignored, "", "Caching needs no key here."),
        ChatField(.promptCacheRetention, "prompt_cache_retention", .string, .ignored, "", ""),
        ChatField(.promptCacheOptions, "prompt_cache_options", .object, .ignored, "", ""),
        ChatField(.moderation, "moderation", .object, .ignored, "", "Reported."),
        ChatField(.extraBody, "extra_body", .object, .local, "", "Its members are read as if they stood at the top."),
        ChatField(
            .enableThinking,
            "enable_thinking",
            .boolean,
            .carried,
            "`enable_thinking`",
            "Left out for models that cannot think (reported when true) and, when false, for models that always think "
                + "(reported)."
        ),
        ChatField(
            .thinkingBudget,
            "thinking_budget",
            .integer,
            .carried,
            "`thinking_budget`",
            "Left out, reported, where a `reasoning_effort` is sent, which excludes it."
        ),
        ChatField(
            .preserveThinking,
            "preserve_thinking",
            .boolean,
            .carried,
            "`preserve_thinking`",
            "With true, `reasoning_content` of earlier answers is kept."
        ),
        ChatField(.clearThinking, "clear_thinking", .boolean, .carried, "`clear_thinking`", "GLM."),
        ChatField(.enableSearch, "enable_search", .boolean, .carried, "`enable_search`", ""),
        ChatField(.searchOptions, "search_options", .object, .carried, "`search_options`", ""),
        ChatField(
            .enableTextImageMixed,
            "enable_text_image_mixed",
            .boolean,
            .carried,
            "`enable_text_image_mixed`",
            ""
        ),
        ChatField(
            .enableCodeInterpreter,
            "enable_code_interpreter",
            .boolean,
            .carried,
            "`enable_code_interpreter`",
            ""
        ),
        ChatField(.toolStream, "tool_stream", .boolean, .carried, "`tool_stream`", ""),
        ChatField(.topK, "top_k", .integer, .carried, "`top_k`", ""),
        ChatField(.repetitionPenalty, "repetition_penalty", .number, .carried, "`repetition_penalty`", ""),
        ChatField(
            .vlHighResolutionImages,
            "vl_high_resolution_images",
            .boolean,
            .carried,
            "`vl_high_resolution_images`",
            ""
        ),
        ChatField(
            .vlEnableImageHwOutput,
            "vl_enable_image_hw_output",
            .boolean,
            .carried,
            "`vl_enable_image_hw_output`",
            ""
        ),
        ChatField(.ocrOptions, "ocr_options", .object, .carried, "`ocr_options`", ""),
        ChatField(.asrOptions, "asr_options", .object, .carried, "`asr_options`", ""),
        ChatField(.translationOptions, "translation_options", .object, .carried, "`translation_options`", "qwen-mt."),
        ChatField(.skill, "skill", .array, .carried, "`skill`", "qwen-doc-turbo."),
        ChatField(.outputFormat, "output_format", .string, .carried, "`output_format`", "qwen-deep-research."),
        ChatField(
            .incrementalOutput,
            "incremental_output",
            .boolean,
            .local,
            "`incremental_output`",
            "Always true upstream when streaming; the client gets increments."
        ),
        ChatField(.resultFormat, "result_format", .string, .local, "`result_format`", "Always `message` upstream."),
    ]

    /// The fields' names: a closed set for metrics.
    package static var names: [String] { fields.map { "\($0.name)" } }

    /// The part of a field's entry that a lookup needs; it has no texts, so that reading it costs no reference
    /// counting.
    struct Entry {
        var name: StaticString
        var id: ChatFieldID
        var expects: ChatField.Expectation
    }

    /// Fields by the length of their name: a lookup compares a handful of names byte by byte.
    private static let byLength: [[Entry]] = {
        var buckets = [[Entry]](repeating: [], count: 32)
        for field in fields {
            buckets[field.name.utf8CodeUnitCount].append(Entry(name: field.name, id: field.id, expects: field.expects))
        }
        return buckets
    }()

    /// The field with this name, or nil if it is unknown.
    static func find(_ name: JSONValue) -> Entry? {
        let length = name.text.count - 2
        guard length < byLength.count else { return nil }
        for entry in byLength[length] where name.equals(entry.name) { return entry }
        return nil
    }
}
