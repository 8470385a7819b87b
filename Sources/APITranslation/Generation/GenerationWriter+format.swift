import JSONBytes

/// The form of the answer that the caller asks for.
enum FormatWish {
    case text
    case jsonObject
    case jsonSchema(schema: JSONValue?)
}

/// Output in JSON: decided before the messages, because a model may have to be told in words.
extension GenerationWriter {
    /// `name` is the caller's field, `mentionsJSON` is asked where the word must stand in the messages.
    mutating func decideFormat(
        _ wish: FormatWish,
        name: String,
        thinkingName: String,
        mentionsJSON: () -> Bool
    ) {
        switch wish {
        case .text: return
        case .jsonSchema(let schema):
            if !model.traits.takesJSONSchema {
                let text = schema.map { String(decoding: $0.text, as: UTF8.self) } ?? "{}"
                addToSystem(
                    "Answer with one JSON object that conforms to this JSON Schema, and with nothing else:\n" + text
                )
                adjust(
                    name,
                    from: "json_schema",
                    to: "json_object",
                    "the model has no schema support; the schema is in the system message"
                )
            }
        case .jsonObject:
            if !mentionsJSON() {
                addToSystem("Answer in JSON.")
                adjust("messages", from: "no word json", to: "system message", "JSON mode needs the word json")
            }
        }
        suppressThinking(thinkingName, "JSON output and thinking exclude each other")
    }

    /// Whether `response_format` can be sent at all; a model that always thinks gets its instruction in words only.
    mutating func takesFormat(_ type: String, name: String) -> Bool {
        guard model.traits.thinking == .always else { return true }
        adjust(
            name,
            from: type,
            to: "none",
            "the model always thinks; JSON output and thinking exclude each other"
        )
        return false
    }
}
