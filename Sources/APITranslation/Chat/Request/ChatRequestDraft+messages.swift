import ByteWriting
import JSONBytes
import NIOCore

/// The messages, one by one.
extension ChatRequestDraft {
    private enum Role {
        case system, user, assistant, tool
    }

    mutating func writeMessages() throws(APIError) {
        var isFirst = true
        // The deprecated form names no call: an answer belongs to the call before it.
        var lastFunctionCallID = ""
        for (index, message) in messages.elements.enumerated() {
            guard message.kind == .object else {
                throw .wrongType("messages[\(index)]", expected: "object", got: message)
            }
            guard let role = message.present("role") else { throw .missing("messages[\(index)].role") }
            if index == 0, let addition = systemAddition, !role.equals("system"), !role.equals("developer") {
                writeSystemMessage(addition)
                isFirst = false
            }
            if !isFirst { body.append(",") }
            isFirst = false
            try writeMessage(message, role, index, &lastFunctionCallID)
        }
    }

    private mutating func writeSystemMessage(_ text: String) {
        body.append("{\"role\":\"system\",\"content\":")
        if isMultimodal { body.append("[{\"text\":") }
        body.writeJSON(text)
        if isMultimodal { body.append("}]") }
        body.append("}")
    }

    private mutating func writeMessage(
        _ message: JSONValue,
        _ roleValue: JSONValue,
        _ index: Int,
        _ lastFunctionCallID: inout String
    ) throws(APIError) {
        let path = ParameterPath(message: index)
        let role: Role
        if roleValue.equals("user") {
            role = .user
        } else if roleValue.equals("assistant") {
            role = .assistant
        } else if roleValue.equals("system") {
            role = .system
        } else if roleValue.equals("tool") || roleValue.equals("function") {
            role = .tool
        } else if roleValue.equals("developer") {
            role = .system
            adjust(
                "messages[*].role",
                at: "\(path).role",
                from: "developer",
                to: "system",
                "the model knows no developer role"
            )
        } else {
            guard roleValue.kind == .string else {
                throw .wrongType("\(path).role", expected: "string", got: roleValue)
            }
            throw .invalidValue(
                "\(path).role",
                "expected one of system, developer, user, assistant, tool, function."
            )
        }
        if readsFiles, role == .user { writeFileReferences(message) }
        switch role {
        case .system: body.append("{\"role\":\"system\"")
        case .user: body.append("{\"role\":\"user\"")
        case .assistant: body.append("{\"role\":\"assistant\"")
        case .tool: body.append("{\"role\":\"tool\"")
        }
        try writeContent(message, role, path, addition: index == 0 && role == .system ? systemAddition : nil)
        try writeMembers(message, role, path, &lastFunctionCallID)
        if role == .tool {
            if roleValue.equals("function") {
                body.append(",\"tool_call_id\":")
                body.writeJSON(lastFunctionCallID)
            } else if message.present("tool_call_id") == nil {
                throw .missing("\(path).tool_call_id")
            }
        }
        body.append("}")
    }

    private mutating func writeContent(
        _ message: JSONValue,
        _ role: Role,
        _ path: ParameterPath,
        addition: String?
    ) throws(APIError) {
        body.append(",\"content\":")
        guard let content = message.present("content") else {
            guard role == .assistant else { throw .missing("\(path).content") }
            // A refusal in the history is what the assistant said.
            if let refusal = message.present("refusal"), refusal.kind == .string {
                return writeText(refusal, addition: nil)
            }
            if isMultimodal { body.append("[]") } else { body.append("\"\"") }
            return
        }
        switch content.kind {
        case .string: writeText(content, addition: addition)
        case .array: try writeParts(content, path, addition: addition)
        default: throw .wrongType("\(path).content", expected: "string or array", got: content)
        }
    }

    private mutating func writeText(_ text: JSONValue, addition: String?) {
        if isMultimodal { body.append("[{\"text\":") }
        if let addition, let content = text.escapedContent {
            body.append("\"")
            body.append(bytes: content)
            body.append("\\n\\n")
            body.writeJSONContent(addition)
            body.append("\"")
        } else {
            body.writeJSON(text)
        }
        if isMultimodal { body.append("}]") }
    }

    // MARK: - Members beside the content

    private mutating func writeMembers(
        _ message: JSONValue,
        _ role: Role,
        _ path: ParameterPath,
        _ lastFunctionCallID: inout String
    ) throws(APIError) {
        for member in message.members {
            let (name, value) = (member.name, member.value)
            if name.equals("role") || name.equals("content") || value.isNull || name.equals("refusal")
                || name.equals("annotations")
            {
                continue
            }
            if name.equals("tool_calls") {
                guard value.kind == .array else {
                    throw .wrongType("\(path).tool_calls", expected: "array", got: value)
                }
                if !value.isEmptyContainer { try writeToolCalls(value, path) }
            } else if name.equals("function_call") {
                guard value.kind == .object else {
                    throw .wrongType("\(path).function_call", expected: "object", got: value)
                }
                lastFunctionCallID = "call_" + String(path.message)
                body.append(",\"tool_calls\":[{\"id\":")
                body.writeJSON(lastFunctionCallID)
                body.append(",\"type\":\"function\",\"function\":")
                body.writeJSON(value)
                body.append("}]")
            } else if name.equals("reasoning_content") || name.equals("reasoning") {
                guard fields[.preserveThinking]?.bool == true, value.kind == .string else { continue }
                writeMember("reasoning_content", value)
            } else if name.equals("name"), role != .tool {
                adjust(
                    "messages[*].name",
                    at: "\(path).name",
                    from: "string",
                    to: "none",
                    "upstream knows names of tools only"
                )
            } else if name.equals("audio"), role == .assistant {
                adjust(
                    "messages[*].audio",
                    at: "\(path).audio",
                    from: "object",
                    to: "none",
                    "earlier sounds cannot be referred to"
                )
            } else {
                body.append(",")
                body.writeJSON(name)
                body.append(":")
                body.writeJSON(value)
            }
        }
    }

    private mutating func writeMember(_ name: StaticString, _ value: JSONValue) {
        body.append(",\"")
        body.append(name)
        body.append("\":")
        body.writeJSON(value)
    }

    private mutating func writeToolCalls(_ calls: JSONValue, _ path: ParameterPath) throws(APIError) {
        body.append(",\"tool_calls\":[")
        for (index, call) in calls.elements.enumerated() {
            let callPath = "\(path).tool_calls[\(index)]"
            guard call.kind == .object else { throw .wrongType(callPath, expected: "object", got: call) }
            if index > 0 { body.append(",") }
            if let custom = call.present("custom") {
                body.append("{\"type\":\"function\"")
                if let id = call.present("id") { writeMember("id", id) }
                body.append(",\"function\":{\"name\":")
                guard let name = custom.present("name") else { throw .missing("\(callPath).custom.name") }
                body.writeJSON(name)
                body.append(",\"arguments\":")
                let input = custom.present("input").map { String(decoding: $0.text, as: UTF8.self) } ?? "\"\""
                body.writeJSON("{\"input\":\(input)}")
                body.append("}}")
                continue
            }
            guard let function = call.present("function"), function.kind == .object else {
                throw .missing("\(callPath).function")
            }
            let arguments = function["arguments"]
            if let arguments, !arguments.isNull, arguments.kind != .string {
                throw .wrongType("\(callPath).function.arguments", expected: "string", got: arguments)
            }
            if let arguments, arguments.kind == .string, !arguments.isEmptyString {
                body.writeJSON(call)
            } else {
                writeCall(call, withoutArguments: function)
            }
        }
        body.append("]")
    }

    /// A call whose empty arguments become an empty object, as a parser at the other end needs.
    private mutating func writeCall(_ call: JSONValue, withoutArguments function: JSONValue) {
        body.append("{\"function\":{\"arguments\":\"{}\"")
        for member in function.members where !member.name.equals("arguments") {
            body.append(",")
            body.writeJSON(member.name)
            body.append(":")
            body.writeJSON(member.value)
        }
        body.append("}")
        for member in call.members where !member.name.equals("function") {
            body.append(",")
            body.writeJSON(member.name)
            body.append(":")
            body.writeJSON(member.value)
        }
        body.append("}")
    }

    /// qwen-long reads uploaded files by a system message that names them.
    private mutating func writeFileReferences(_ message: JSONValue) {
        guard let content = message["content"], content.kind == .array else { return }
        let files = content.elements.compactMap { $0.present("file")?.present("file_id")?.string }
        guard !files.isEmpty else { return }
        writeSystemMessage(files.map { "fileid://\($0)" }.joined(separator: ","))
        body.append(",")
    }
}
