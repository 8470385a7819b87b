import ByteWriting
import JSONBytes

/// Calls of tools in earlier answers.
extension ChatReader {
    mutating func writeToolCalls(_ calls: JSONValue, _ path: ParameterPath) throws(APIError) {
        out.body.append(",\"tool_calls\":[")
        for (index, call) in calls.elements.enumerated() {
            if index > 0 { out.body.append(",") }
            try writeCall(call, path, index)
        }
        out.body.append("]")
    }

    private mutating func writeCall(_ call: JSONValue, _ path: ParameterPath, _ index: Int) throws(APIError) {
        func place() -> String { "\(path).tool_calls[\(index)]" }
        guard call.kind == .object else { throw .wrongType(place(), expected: "object", got: call) }
        var hasNull = false
        var isCustom = false
        for member in call.members {
            if member.value.isNull {
                hasNull = true
            } else if member.name.equals("id") {
                guard member.value.kind == .string else {
                    throw .wrongType("\(place()).id", expected: "string", got: member.value)
                }
            } else if member.name.equals("type") {
                guard member.value.kind == .string else {
                    throw .wrongType("\(place()).type", expected: "string", got: member.value)
                }
                isCustom = member.value.equals("custom")
                guard isCustom || member.value.equals("function") else {
                    throw .invalidValue("\(place()).type", "expected function or custom.")
                }
            }
        }
        if isCustom || call.present("function") == nil && call.present("custom") != nil {
            return try writeCustomCall(call, place())
        }
        guard let function = call.present("function") else { throw .missing("\(place()).function") }
        try check(function, "\(place()).function")
        if !hasNull, call["type"] != nil, !function.members.contains(where: { $0.value.isNull }),
            out.takesArguments(function["arguments"])
        {
            return out.body.writeJSON(call)
        }
        out.body.append("{\"type\":\"function\",\"function\":")
        writeFunction(function, "messages[*].tool_calls[*].function", "\(place()).function")
        writeOthers(of: call) { $0.equals("function") || $0.equals("type") }
        out.body.append("}")
    }

    private func check(_ function: JSONValue, _ path: @autoclosure () -> String) throws(APIError) {
        guard function.kind == .object else { throw .wrongType(path(), expected: "object", got: function) }
        guard let name = function.present("name") else { throw .missing("\(path()).name") }
        guard name.kind == .string else { throw .wrongType("\(path()).name", expected: "string", got: name) }
        if let arguments = function.present("arguments"), arguments.kind != .string {
            throw .wrongType("\(path()).arguments", expected: "string", got: arguments)
        }
    }

    /// A function that was called, with arguments that a parser at the other end can read.
    private mutating func writeFunction(_ function: JSONValue, _ name: String, _ path: @autoclosure () -> String) {
        out.body.append("{\"arguments\":")
        out.writeArguments(function["arguments"], name: "\(name).arguments", path: "\(path()).arguments")
        writeOthers(of: function) { $0.equals("arguments") }
        out.body.append("}")
    }

    /// Appends the members of an object but for those that were written already, and nulls.
    private mutating func writeOthers(of object: JSONValue, but isWritten: (JSONValue) -> Bool) {
        for member in object.members where !member.value.isNull && !isWritten(member.name) {
            var isFirst = false
            out.writeMember(member, &isFirst)
        }
    }

    private mutating func writeCustomCall(_ call: JSONValue, _ place: @autoclosure () -> String) throws(APIError) {
        guard let custom = call.present("custom") else { throw .missing("\(place()).custom") }
        guard custom.kind == .object else { throw .wrongType("\(place()).custom", expected: "object", got: custom) }
        guard let name = custom.present("name") else { throw .missing("\(place()).custom.name") }
        guard name.kind == .string else { throw .wrongType("\(place()).custom.name", expected: "string", got: name) }
        let input = try Self.optionalString(custom, "input", "\(place()).custom")
        out.body.append("{\"type\":\"function\",\"function\":{\"arguments\":")
        out.body.writeJSON("{\"input\":\(input.map { String(decoding: $0.text, as: UTF8.self) } ?? "\"\"")}")
        writeOthers(of: custom) { $0.equals("input") }
        out.body.append("}")
        writeOthers(of: call) { $0.equals("custom") || $0.equals("type") || $0.equals("function") }
        out.body.append("}")
    }

    /// The deprecated form of a single call without an id.
    mutating func writeFunctionCall(_ call: JSONValue, _ path: ParameterPath, id: String) throws(APIError) {
        try check(call, "\(path).function_call")
        out.body.append(",\"tool_calls\":[{\"id\":")
        out.body.writeJSON(id)
        out.body.append(",\"type\":\"function\",\"function\":")
        writeFunction(call, "messages[*].function_call", "\(path).function_call")
        out.body.append("}]")
    }
}
