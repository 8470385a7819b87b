import APITranslation
import JSONBytes
import NIOCore

/// The schemas of the OpenAPI description; that of a chat request is made from the table of its fields.
enum OpenAPISchemas {
    /// Members of `components.schemas`, as JSON without the braces.
    static let components: String = ([chatRequest] + fixed + responses + videos + files + uploads).joined(
        separator: ",\n"
    )

    // MARK: - Chat requests

    private static let chatRequest: String = {
        let properties = ChatFieldTable.fields.map { "\(json("\($0.name)")):\(schema(of: $0))" }
        return #""ChatRequest":{"type":"object","required":["model","messages"],"additionalProperties":true,"#
            + #""properties":{"# + properties.joined(separator: ",\n") + "}}"
    }()

    /// The schema of a field; null is an absent field everywhere but where a field is required.
    private static func schema(of field: ChatField) -> String {
        let description = "\"description\":" + json(words(of: field))
        if let shape = shapes[field.id] { return "{\(shape),\(description)}" }
        let bounds = bounds[field.id].map { ",\($0)" } ?? ""
        switch field.expects {
        case .any: return "{\(description)}"
        case .array: return "{\"type\":[\"array\",\"null\"],\"items\":{}\(bounds),\(description)}"
        case .boolean, .integer, .number, .string, .object:
            return "{\"type\":[\(json(field.expects.rawValue)),\"null\"]\(bounds),\(description)}"
        case .stringOrArray:
            return #"{"anyOf":[{"type":"string"},{"type":"array","items":{"type":"string"}},{"type":"null"}],"#
                + description + "}"
        case .stringOrObject:
            return #"{"anyOf":[{"type":"string"},{"type":"object"},{"type":"null"}],"# + description + "}"
        }
    }

    /// What happens to a field, and on the next line what else is known: two texts for those who translate them.
    private static func words(of field: ChatField) -> String {
        let fate =
            switch field.fate {
            case .carried: field.native == "`\(field.name)`" ? "Carried." : "Carried as \(field.native)."
            case .converted: "Becomes \(field.native)."
            case .approximated: field.native.isEmpty ? "Approximated." : "Approximated by \(field.native)."
            case .refused: "Refused."
            case .ignored: "Taken, without effect."
            case .local: "Handled by the gateway."
            }
        return field.note.isEmpty ? fate : "\(fate)\n\(field.note)"
    }

    /// Fields with more to say than their kind.
    private static let shapes: [ChatFieldID: String] = [
        .model: #""type":"string","minLength":1"#,
        .messages: ##""type":"array","minItems":1,"items":{"$ref":"#/components/schemas/ChatMessage"}"##,
        .tools: ##""anyOf":[{"type":"array","items":{"$ref":"#/components/schemas/Tool"}},{"type":"null"}]"##,
        .streamOptions: #""type":["object","null"],"properties":{"include_usage":{"type":"boolean"}}"#,
        .responseFormat:
            #""type":["object","null"],"properties":{"type":{"enum":["text","json_object","json_schema"]},"#
            + #""json_schema":{"type":"object","properties":{"name":{"type":"string"},"schema":{"type":"object"},"#
            + #""strict":{"type":["boolean","null"]}}}}"#,
        .reasoningEffort: #""type":["string","null"],"examples":["none","minimal","low","medium","high"]"#,
        .modalities: #""type":["array","null"],"items":{"enum":["text","audio"]}"#,
    ]

    /// The ranges of numbers: those within which nothing is refused.
    private static let bounds: [ChatFieldID: String] = [
        .temperature: #""minimum":0,"maximum":2"#,
        .topP: #""minimum":0,"maximum":1"#,
        .presencePenalty: #""minimum":-2,"maximum":2"#,
        .frequencyPenalty: #""minimum":-2,"maximum":2"#,
        .n: #""minimum":1,"maximum":4"#,
        .topLogprobs: #""minimum":0,"maximum":20"#,
        .maxTokens: #""minimum":0"#,
        .maxCompletionTokens: #""minimum":0"#,
    ]

    private static func json(_ text: String) -> String {
        var buffer = ByteBuffer()
        buffer.writeJSON(text)
        return String(buffer: buffer)
    }

    // MARK: - The others

    private static let fixed = [
        #"""
        "Model":{"type":"object","required":["id","object","created","owned_by"],"properties":{"id":{"type":"string"},"object":{"const":"model"},"created":{"type":"integer"},"owned_by":{"type":"string"},"kind":{"type":"string"},"context_length":{"type":"integer"},"aliased_to":{"type":"string"}}}
        """#,
        ##"""
        "ChatMessage":{"type":"object","required":["role"],"properties":{"role":{"enum":["system","developer","user","assistant","tool","function"]},"content":{"anyOf":[{"type":"string"},{"type":"array","items":{"$ref":"#/components/schemas/ContentPart"}},{"type":"null"}]},"name":{"type":["string","null"]},"tool_call_id":{"type":["string","null"],"description":"Of a tool's answer: the call it belongs to."},"tool_calls":{"anyOf":[{"type":"array","items":{"$ref":"#/components/schemas/ToolCall"}},{"type":"null"}]},"reasoning_content":{"type":["string","null"],"description":"Thoughts of an earlier answer; left out unless `preserve_thinking` is true."},"partial":{"type":["boolean","null"],"description":"The model goes on with this text."}}}
        """##,
        #"""
        "ContentPart":{"type":"object","required":["type"],"properties":{"type":{"enum":["text","image_url","input_audio","video_url","video","refusal","file"]},"text":{"type":"string"},"image_url":{"anyOf":[{"type":"string"},{"type":"object","properties":{"url":{"type":"string"},"detail":{"type":["string","null"]}}}]},"input_audio":{"type":"object","properties":{"data":{"type":"string"},"format":{"type":["string","null"]}}},"video_url":{"anyOf":[{"type":"string"},{"type":"object","properties":{"url":{"type":"string"}}}]},"video":{"anyOf":[{"type":"string"},{"type":"array","items":{"type":"string"}}]},"cache_control":{"type":"object"}}}
        """#,
        #"""
        "Tool":{"type":"object","required":["type"],"properties":{"type":{"enum":["function","custom"]},"function":{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"description":{"type":["string","null"]},"parameters":{"type":["object","null"]},"strict":{"type":["boolean","null"]}}}}}
        """#,
        #"""
        "ToolCall":{"type":"object","properties":{"id":{"type":"string"},"type":{"type":"string"},"index":{"type":"integer"},"function":{"type":"object","properties":{"name":{"type":"string"},"arguments":{"type":"string","description":"JSON as text."}}}}}
        """#,
        ##"""
        "ChatCompletion":{"type":"object","required":["id","object","created","model","choices"],"properties":{"id":{"type":"string"},"object":{"const":"chat.completion"},"created":{"type":"integer"},"model":{"type":"string"},"choices":{"type":"array","items":{"type":"object","required":["index","message"],"properties":{"index":{"type":"integer"},"message":{"$ref":"#/components/schemas/AnswerMessage"},"logprobs":{"type":["object","null"]},"finish_reason":{"type":["string","null"],"examples":["stop","length","tool_calls","function_call","content_filter"]}}}},"usage":{"$ref":"#/components/schemas/Usage"},"system_fingerprint":{"type":["string","null"]}}}
        """##,
        ##"""
        "AnswerMessage":{"type":"object","properties":{"role":{"type":"string"},"content":{"type":["string","null"]},"refusal":{"type":["string","null"]},"reasoning_content":{"type":["string","null"],"description":"What the model thought."},"tool_calls":{"type":"array","items":{"$ref":"#/components/schemas/ToolCall"}},"annotations":{"type":"array","items":{"type":"object"},"description":"Sources of a web search."}}}
        """##,
        ##"""
        "ChatCompletionChunk":{"type":"object","description":"The data of one event of a stream; the last event is [DONE].","required":["id","object","created","model","choices"],"properties":{"id":{"type":"string"},"object":{"const":"chat.completion.chunk"},"created":{"type":"integer"},"model":{"type":"string"},"choices":{"type":"array","items":{"type":"object","required":["index","delta"],"properties":{"index":{"type":"integer"},"delta":{"$ref":"#/components/schemas/AnswerMessage"},"logprobs":{"type":["object","null"]},"finish_reason":{"type":["string","null"]}}}},"usage":{"anyOf":[{"$ref":"#/components/schemas/Usage"},{"type":"null"}]}}}
        """##,
        #"""
        "Usage":{"type":"object","properties":{"prompt_tokens":{"type":"integer"},"completion_tokens":{"type":"integer"},"total_tokens":{"type":"integer"},"prompt_tokens_details":{"type":["object","null"]},"completion_tokens_details":{"type":["object","null"]}}}
        """#,
        #"""
        "MessagesRequest":{"type":"object","required":["model","max_tokens","messages"],"additionalProperties":true,"properties":{"model":{"type":"string"},"max_tokens":{"type":"integer","minimum":0},"messages":{"type":"array","items":{"type":"object","required":["role","content"],"properties":{"role":{"enum":["user","assistant","system"]},"content":{"anyOf":[{"type":"string"},{"type":"array","items":{"type":"object"}}]}}}},"system":{"anyOf":[{"type":"string"},{"type":"array","items":{"type":"object"}},{"type":"null"}]},"stream":{"type":["boolean","null"]},"temperature":{"type":["number","null"],"minimum":0,"maximum":1},"top_p":{"type":["number","null"],"minimum":0,"maximum":1},"top_k":{"type":["integer","null"],"minimum":0},"stop_sequences":{"anyOf":[{"type":"array","items":{"type":"string"}},{"type":"null"}]},"tools":{"anyOf":[{"type":"array","items":{"type":"object"}},{"type":"null"}]},"tool_choice":{"type":["object","null"]},"thinking":{"type":["object","null"],"properties":{"type":{"enum":["enabled","disabled","adaptive"]},"budget_tokens":{"type":"integer"}}},"output_config":{"type":["object","null"]},"metadata":{"type":["object","null"]}}}
        """#,
        #"""
        "Message":{"type":"object","required":["id","type","role","model","content","stop_reason","usage"],"properties":{"id":{"type":"string"},"type":{"const":"message"},"role":{"const":"assistant"},"model":{"type":"string"},"content":{"type":"array","items":{"type":"object"}},"stop_reason":{"type":["string","null"]},"stop_sequence":{"type":["string","null"]},"usage":{"type":"object"}}}
        """#,
        #"""
        "AnthropicError":{"type":"object","required":["type","error"],"properties":{"type":{"const":"error"},"error":{"type":"object","required":["type","message"],"properties":{"type":{"type":"string"},"message":{"type":"string"}}},"request_id":{"type":["string","null"]}}}
        """#,
    ]
}
