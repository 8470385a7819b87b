import JSONBytes
import NIOCore

/// `response_format`: decided before the messages, because a model may have to be told in words.
extension ChatRequestDraft {
    mutating func decideResponseFormat() throws(APIError) {
        guard let format = fields[.responseFormat] else { return }
        guard let type = format.present("type") else { throw .missing("response_format.type") }
        if type.equals("text") { return }
        if type.equals("json_schema") {
            guard let schema = format.present("json_schema") else { throw .missing("response_format.json_schema") }
            guard schema.kind == .object else {
                throw .wrongType("response_format.json_schema", expected: "object", got: schema)
            }
            if !model.traits.takesJSONSchema {
                let text = schema.present("schema").map { String(decoding: $0.text, as: UTF8.self) } ?? "{}"
                systemAddition =
                    "Answer with one JSON object that conforms to this JSON Schema, and with nothing else:\n" + text
                adjust(
                    "response_format",
                    from: "json_schema",
                    to: "json_object",
                    "the model has no schema support; the schema is in the system message"
                )
            }
        } else if type.equals("json_object") {
            if !MediaSearch.mentionsJSON(messages) {
                systemAddition = "Answer in JSON."
                adjust("messages", from: "no word json", to: "system message", "JSON mode needs the word json")
            }
        } else {
            throw .invalidValue(
                "response_format.type",
                "expected text, json_object or json_schema."
            )
        }
        guard thinking.mayThink, model.traits.thinking != .always else { return }
        adjust(
            "enable_thinking",
            from: thinking.enable == nil ? "unset" : "true",
            to: "false",
            "JSON output and thinking exclude each other"
        )
        thinking = ThinkingDecision(enable: false)
    }

    /// Writes `response_format`; a model that always thinks gets its instruction in words only.
    mutating func writeResponseFormat() {
        guard let format = fields[.responseFormat], let type = format.present("type") else { return }
        if model.traits.thinking == .always, !type.equals("text") {
            adjust(
                "response_format",
                from: Self.short(type),
                to: "none",
                "the model always thinks; JSON output and thinking exclude each other"
            )
            return
        }
        if type.equals("json_schema"), !model.traits.takesJSONSchema {
            parameter("response_format", text: "{\"type\":\"json_object\"}")
        } else {
            parameter("response_format", format)
        }
    }
}
