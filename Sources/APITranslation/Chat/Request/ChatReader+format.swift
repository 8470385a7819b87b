import ByteWriting
import JSONBytes

/// `response_format`.
extension ChatReader {
    mutating func decideResponseFormat() throws(APIError) {
        guard let format = fields[.responseFormat] else { return }
        guard let type = try Self.optionalString(format, "type", "response_format") else {
            throw .missing("response_format.type")
        }
        let wish: FormatWish
        if type.equals("text") {
            wish = .text
        } else if type.equals("json_schema") {
            guard let schema = format.present("json_schema") else { throw .missing("response_format.json_schema") }
            guard schema.kind == .object else {
                throw .wrongType("response_format.json_schema", expected: "object", got: schema)
            }
            _ = try Self.optionalString(schema, "name", "response_format.json_schema")
            _ = try Self.optionalString(schema, "description", "response_format.json_schema")
            if let strict = schema.present("strict"), strict.bool == nil {
                throw .wrongType("response_format.json_schema.strict", expected: "boolean", got: strict)
            }
            if let inner = schema.present("schema"), inner.kind != .object {
                throw .wrongType("response_format.json_schema.schema", expected: "object", got: inner)
            }
            wish = .jsonSchema(schema: schema.present("schema"))
        } else if type.equals("json_object") {
            wish = .jsonObject
        } else {
            throw .invalidValue("response_format.type", "expected text, json_object or json_schema.")
        }
        let messages = messages
        out.decideFormat(
            wish,
            name: "response_format",
            thinkingName: "enable_thinking",
            mentionsJSON: { MediaSearch.mentionsJSON(messages) }
        )
    }

    mutating func writeResponseFormat() {
        guard let format = fields[.responseFormat], let type = format.present("type") else { return }
        if !type.equals("text") {
            guard out.takesFormat(GenerationWriter.short(type), name: "response_format") else { return }
        }
        guard type.equals("json_schema") else { return out.parameter("response_format", format) }
        guard traits.takesJSONSchema, let schema = format.present("json_schema") else {
            return out.parameter("response_format", text: "{\"type\":\"json_object\"}")
        }
        out.parameterName("response_format")
        out.body.append("{")
        var isFirst = true
        for member in format.members where !member.value.isNull && !member.name.equals("json_schema") {
            out.writeMember(member, &isFirst)
        }
        out.body.append(",\"json_schema\":")
        out.writeWithoutNulls(schema)
        out.body.append("}")
    }
}
