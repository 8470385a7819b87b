import Testing

/// Every object of a chat request that the gateway reads, in a request that is valid.
struct RequestObject: Sendable, CustomTestStringConvertible {
    /// The path as errors write it.
    let path: String
    /// A request with `@` where the object's members go on.
    let request: String
    /// Members that may be absent.
    let optional: [String]
    /// Members with a value of a wrong type.
    let wrong: [(member: String, value: String)]

    var testDescription: String { path }

    /// The request with further members in the object.
    func with(_ members: String) -> String {
        request.replacing("@", with: members.isEmpty ? "" : "," + members)
    }

    private init(
        _ path: String,
        _ request: String,
        optional: [String] = [],
        wrong: [(member: String, value: String)] = []
    ) {
        self.path = path
        self.request = request
        self.optional = optional
        self.wrong = wrong
    }

    private static func message(
        _ path: String,
        _ message: String,
        model: String = "qwen-plus",
        optional: [String] = [],
        wrong: [(member: String, value: String)] = []
    ) -> RequestObject {
        RequestObject(path, RequestRun.messages(message, model: model), optional: optional, wrong: wrong)
    }

    private static func field(
        _ path: String,
        _ field: String,
        model: String = "qwen-plus",
        optional: [String] = [],
        wrong: [(member: String, value: String)] = []
    ) -> RequestObject {
        RequestObject(path, RequestRun.with(field, model: model), optional: optional, wrong: wrong)
    }

    static let all: [RequestObject] = messages + fields

    private static let messages: [RequestObject] =
        ["qwen-plus", "qwen3-vl-plus"].flatMap { model in
            [
                message(
                    "messages[0]",
                    #"{"role":"user","content":"x"@}"#,
                    model: model,
                    optional: ["name", "tool_calls"],
                    wrong: [("name", "5")]
                ),
                message(
                    "messages[0]",
                    #"{"role":"assistant","content":"x"@}"#,
                    model: model,
                    optional: ["tool_calls", "refusal", "reasoning_content", "function_call", "audio", "partial"],
                    wrong: [
                        ("tool_calls", "{}"), ("function_call", "[]"), ("refusal", "5"), ("reasoning_content", "{}"),
                    ]
                ),
                message(
                    "messages[0]",
                    #"{"role":"tool","tool_call_id":"c","content":"x"@}"#,
                    model: model,
                    optional: ["name"],
                    wrong: [("name", "{}"), ("tool_call_id", "5")]
                ),
                message(
                    "messages[0].content[0]",
                    #"{"role":"user","content":[{"type":"text","text":"x"@}]}"#,
                    model: model,
                    optional: ["cache_control", "annotations"],
                    wrong: [("text", "5"), ("type", "5"), ("cache_control", "5")]
                ),
                message(
                    "messages[0].content[0]",
                    #"{"role":"system","content":[{"type":"text","text":"x"@}]}"#,
                    model: model,
                    optional: ["cache_control"],
                    wrong: [("text", "{}"), ("type", "[]")]
                ),
                message(
                    "messages[0].tool_calls[0]",
                    #"{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}@}]}"#,
                    model: model,
                    optional: ["index"],
                    wrong: [("id", "5"), ("type", "5"), ("function", "[]")]
                ),
                message(
                    "messages[0].tool_calls[0].function",
                    #"{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"@}}]}"#,
                    model: model,
                    optional: ["description"],
                    wrong: [("name", "5"), ("arguments", "{}")]
                ),
                message(
                    "messages[0].tool_calls[0].custom",
                    #"{"role":"assistant","tool_calls":[{"id":"c","type":"custom","custom":{"name":"f","input":"i"@}}]}"#,
                    model: model,
                    optional: [],
                    wrong: [("name", "5"), ("input", "{}")]
                ),
                message(
                    "messages[0].function_call",
                    #"{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"@}}"#,
                    model: model,
                    optional: ["id"],
                    wrong: [("name", "5"), ("arguments", "[]")]
                ),
            ]
        } + [
            message(
                "messages[0].content[0]",
                #"{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://e.com/a.png"}@}]}"#,
                model: "qwen3-vl-plus",
                optional: ["cache_control", "max_pixels"],
                wrong: [("image_url", "5"), ("type", "5"), ("cache_control", "[]")]
            ),
            message(
                "messages[0].content[0].image_url",
                #"{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://e.com/a.png"@}}]}"#,
                model: "qwen3-vl-plus",
                optional: ["detail"],
                wrong: [("url", "5"), ("detail", "5")]
            ),
            message(
                "messages[0].content[0].input_audio",
                #"{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AAAA"@}}]}"#,
                model: "qwen3-omni-flash",
                optional: ["format"],
                wrong: [("data", "5"), ("format", "5")]
            ),
            message(
                "messages[0].content[0].video_url",
                #"{"role":"user","content":[{"type":"video_url","video_url":{"url":"https://e.com/a.mp4"@}}]}"#,
                model: "qwen3-vl-plus",
                optional: ["fps"],
                wrong: [("url", "{}")]
            ),
        ]

    private static let function = #"{"type":"function","function":{"name":"f"}}"#

    private static let fields: [RequestObject] = [
        field(
            "tools[0]",
            #""tools":[{"type":"function","function":{"name":"f"}@}]"#,
            optional: ["cache_control"],
            wrong: [("type", "5"), ("function", "[]")]
        ),
        field(
            "tools[0].function",
            #""tools":[{"type":"function","function":{"name":"f"@}}]"#,
            optional: ["description", "parameters", "strict"],
            wrong: [("name", "5"), ("description", "5"), ("parameters", "5"), ("strict", "5")]
        ),
        field(
            "tools[0].function.parameters[0]",
            #""tools":[{"type":"function","function":{"name":"f","parameters":[{"name":"a"@}]}}]"#,
            optional: ["description", "required", "type"],
            wrong: [("name", "5")]
        ),
        field("tools[0]", #""tools":[{"type":"custom","custom":{"name":"f"}@}]"#, wrong: [("custom", "5")]),
        field(
            "tools[0].custom",
            #""tools":[{"type":"custom","custom":{"name":"f"@}}]"#,
            optional: ["description", "format"],
            wrong: [("name", "5"), ("description", "{}"), ("format", "5")]
        ),
        field(
            "tools[0].custom.format",
            #""tools":[{"type":"custom","custom":{"name":"f","format":{"type":"grammar","grammar":{"definition":"a"}@}}}]"#,
            wrong: [("type", "5"), ("grammar", "5")]
        ),
        field(
            "tools[0].custom.format.grammar",
            #""tools":[{"type":"custom","custom":{"name":"f","format":{"type":"grammar","grammar":{"definition":"a"@}}}}]"#,
            optional: ["syntax"],
            wrong: [("definition", "5"), ("syntax", "5")]
        ),
        field(
            "function_call",
            #""functions":[{"name":"f"}],"function_call":{"name":"f"@}"#,
            wrong: [("name", "5")]
        ),
        field(
            "tool_choice.allowed_tools.tools[0]",
            #""tools":[\#(function)],"tool_choice":{"type":"allowed_tools","allowed_tools":{"tools":[{"type":"function","function":{"name":"f"}@}]}}"#,
            wrong: [("type", "5")]
        ),
        field(
            "tool_choice.allowed_tools.tools[0].function",
            #""tools":[\#(function)],"tool_choice":{"type":"allowed_tools","allowed_tools":{"tools":[{"type":"function","function":{"name":"f"@}}]}}"#,
            wrong: [("name", "5")]
        ),
        field(
            "audio",
            #""modalities":["text","audio"],"audio":{"voice":"v"@}"#,
            model: "qwen3-omni-flash",
            optional: ["format"],
            wrong: [("voice", "5"), ("format", "5")]
        ),
        field(
            "translation_options",
            #""translation_options":{"target_lang":"English"@}"#,
            model: "qwen-mt-plus",
            optional: ["source_lang"],
            wrong: [("target_lang", "5"), ("source_lang", "5")]
        ),
        field(
            "functions[0]",
            #""functions":[{"name":"f"@}]"#,
            optional: ["description", "parameters"],
            wrong: [("name", "5"), ("description", "5"), ("parameters", "5")]
        ),
        field(
            "tool_choice",
            #""tools":[\#(function)],"tool_choice":{"type":"function","function":{"name":"f"}@}"#,
            wrong: [("type", "5")]
        ),
        field(
            "tool_choice.function",
            #""tools":[\#(function)],"tool_choice":{"type":"function","function":{"name":"f"@}}"#,
            wrong: [("name", "5")]
        ),
        field(
            "tool_choice.allowed_tools",
            #""tools":[\#(function)],"tool_choice":{"type":"allowed_tools","allowed_tools":{"tools":[\#(function)]@}}"#,
            optional: ["mode"],
            wrong: [("mode", "5"), ("tools", "5")]
        ),
        field(
            "response_format",
            #""response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{}}@}"#,
            wrong: [("type", "5"), ("json_schema", "5")]
        ),
        field(
            "response_format.json_schema",
            #""response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{}@}}"#,
            optional: ["description", "strict"],
            wrong: [("name", "5"), ("schema", "5"), ("description", "5"), ("strict", "5")]
        ),
        field(
            "stream_options",
            #""stream":true,"stream_options":{"include_usage":true@}"#,
            optional: ["include_obfuscation"],
            wrong: [("include_usage", "5"), ("include_obfuscation", "5")]
        ),
        field(
            "reasoning",
            #""reasoning":{"effort":"high"@}"#,
            optional: ["max_tokens", "enabled", "summary"],
            wrong: [("effort", "5"), ("max_tokens", "true"), ("enabled", "5")]
        ),
        field(
            "thinking",
            #""thinking":{"type":"enabled"@}"#,
            optional: ["budget_tokens"],
            wrong: [("type", "5"), ("budget_tokens", "{}")]
        ),
        field(
            "chat_template_kwargs",
            #""chat_template_kwargs":{"enable_thinking":true@}"#,
            optional: ["thinking_budget", "preserve_thinking", "reasoning_effort"],
            wrong: [
                ("enable_thinking", "5"), ("thinking_budget", "{}"), ("preserve_thinking", "5"),
                ("reasoning_effort", "5"),
            ]
        ),
        field(
            "web_search_options",
            #""web_search_options":{"search_context_size":"medium"@}"#,
            optional: ["user_location"],
            wrong: [("search_context_size", "5"), ("user_location", "5")]
        ),
        field(
            "search_options",
            #""enable_search":true,"search_options":{"enable_source":true@}"#,
            optional: ["forced_search"]
        ),
    ]
}
