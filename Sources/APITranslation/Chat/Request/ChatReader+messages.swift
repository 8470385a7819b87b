import ByteWriting
import JSONBytes
import NIOCore

/// The messages, one by one.
extension ChatReader {
    enum Role {
        case system, user, assistant, tool
    }

    mutating func writeMessages() throws(APIError) {
        if traits.isTranslation { return try writeTranslationMessage() }
        var isFirst = true
        // The deprecated form names no call: an answer belongs to the call before it.
        var lastFunctionCallID = ""
        for (index, message) in messages.elements.enumerated() {
            let role = try role(of: message, index)
            if index == 0, let addition = out.systemAddition, role != .system {
                out.writeSystemMessage(addition)
                isFirst = false
            }
            if !isFirst { out.body.append(",") }
            isFirst = false
            try writeMessage(message, role, index, &lastFunctionCallID)
        }
    }

    private mutating func role(of message: JSONValue, _ index: Int) throws(APIError) -> Role {
        guard message.kind == .object else {
            throw .wrongType("messages[\(index)]", expected: "object", got: message)
        }
        guard let role = message.present("role") else { throw .missing("messages[\(index)].role") }
        if role.equals("user") { return .user }
        if role.equals("assistant") { return .assistant }
        if role.equals("system") { return .system }
        if role.equals("tool") || role.equals("function") { return .tool }
        guard role.equals("developer") else {
            guard role.kind == .string else {
                throw .wrongType("messages[\(index)].role", expected: "string", got: role)
            }
            throw .invalidValue(
                "messages[\(index)].role",
                "expected one of system, developer, user, assistant, tool, function."
            )
        }
        out.adjust(
            "messages[*].role",
            at: "messages[\(index)].role",
            from: "developer",
            to: "system",
            "the model knows no developer role"
        )
        return .system
    }

    /// qwen-mt takes one user message and nothing else; what it is told goes by `translation_options`.
    private mutating func writeTranslationMessage() throws(APIError) {
        let options = fields[.translationOptions]
        if let options {
            _ = try Self.optionalString(options, "source_lang", "translation_options")
            _ = try Self.optionalString(options, "target_lang", "translation_options")
        }
        let knowsTarget = options?.present("target_lang") != nil
        var hasText = false
        for (index, message) in messages.elements.enumerated() {
            let role = try role(of: message, index)
            if role == .system, knowsTarget {
                out.adjust(
                    "messages[*].role",
                    at: "messages[\(index)].role",
                    from: "system",
                    to: "none",
                    "the model takes one user message only"
                )
                continue
            }
            guard role == .user, !hasText else {
                throw .invalidValue(
                    "messages[\(index)].role",
                    "the model `\(out.model.requestedName)` takes exactly one user message; the languages go into "
                        + "`translation_options`."
                )
            }
            hasText = true
            var unused = ""
            try writeMessage(message, role, index, &unused)
        }
        guard hasText else {
            throw .invalidValue("messages", "the model `\(out.model.requestedName)` needs one user message.")
        }
    }

    private mutating func writeMessage(
        _ message: JSONValue,
        _ role: Role,
        _ index: Int,
        _ lastFunctionCallID: inout String
    ) throws(APIError) {
        let path = ParameterPath(message: index)
        if traits.readsFiles, role == .user { try writeFileReferences(message, path) }
        switch role {
        case .system: out.body.append("{\"role\":\"system\",\"content\":")
        case .user: out.body.append("{\"role\":\"user\",\"content\":")
        case .assistant: out.body.append("{\"role\":\"assistant\",\"content\":")
        case .tool: out.body.append("{\"role\":\"tool\",\"content\":")
        }
        let addition = index == 0 && role == .system ? out.systemAddition : nil
        try writeContent(message, role, path, addition: addition)
        try writeMembers(message, role, path, &lastFunctionCallID)
        if role == .tool {
            if message.present("role")?.equals("function") == true {
                out.body.append(",\"tool_call_id\":")
                out.body.writeJSON(lastFunctionCallID)
            } else if message.present("tool_call_id") == nil {
                throw .missing("\(path).tool_call_id")
            }
        }
        out.body.append("}")
    }

    // MARK: - Content

    private mutating func writeContent(
        _ message: JSONValue,
        _ role: Role,
        _ path: ParameterPath,
        addition: String?
    ) throws(APIError) {
        guard let content = message.present("content") else {
            guard role == .assistant else { throw .missing("\(path).content") }
            // A refusal in the history is what the assistant said.
            if let refusal = message.present("refusal"), refusal.kind == .string, !refusal.isEmptyString {
                return writeText(refusal, prefix: nil, addition: nil)
            }
            return writeNothing()
        }
        if role == .assistant, isNothing(content), hasCalls(message) { return writeNothing() }
        var name: UnsafeRawBufferPointer?
        if role != .tool, out.options.keepsMessageNames {
            name = try Self.optionalString(message, "name", "\(path)")?.escapedContent
        }
        switch content.kind {
        case .string, .array: break
        default: throw .wrongType("\(path).content", expected: "string or array", got: content)
        }
        guard let name, !name.isEmpty else {
            return try writeContent(content, role, path, prefix: nil, addition: addition)
        }
        var prefix = ByteBuffer()
        prefix.append(bytes: name)
        prefix.append(": ")
        let result: Result<Void, APIError> = prefix.withUnsafeReadableBytes { bytes in
            do throws(APIError) {
                return .success(try writeContent(content, role, path, prefix: bytes, addition: addition))
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    private mutating func writeContent(
        _ content: JSONValue,
        _ role: Role,
        _ path: ParameterPath,
        prefix: Prefix?,
        addition: String?
    ) throws(APIError) {
        if content.kind == .string {
            writeText(content, prefix: prefix, addition: addition)
        } else {
            try writeParts(content, role, path, prefix: prefix, addition: addition)
        }
    }

    /// A turn that consists of calls only.
    private mutating func writeNothing() {
        if out.isMultimodal { out.body.append("[]") } else { out.body.append("\"\"") }
    }

    private func isNothing(_ content: JSONValue) -> Bool {
        if content.isEmptyString { return true }
        guard content.kind == .array else { return false }
        return content.elements.allSatisfy { $0.present("text")?.isEmptyString == true }
    }

    private func hasCalls(_ message: JSONValue) -> Bool {
        message.present("tool_calls").map { $0.kind == .array && !$0.isEmptyContainer } ?? false
            || message.present("function_call") != nil
    }

    private mutating func writeText(_ text: JSONValue, prefix: Prefix?, addition: String?) {
        if out.isMultimodal { out.body.append("[{\"text\":") }
        if prefix == nil, addition == nil {
            out.body.writeJSON(text)
        } else if let content = text.escapedContent {
            out.body.append("\"")
            if let prefix { out.body.append(bytes: prefix) }
            out.body.append(bytes: content)
            if let addition {
                out.body.append("\\n\\n")
                out.body.writeJSONContent(addition)
            }
            out.body.append("\"")
        }
        if out.isMultimodal { out.body.append("}]") }
    }

    /// qwen-long reads uploaded files by a system message that names them.
    private mutating func writeFileReferences(_ message: JSONValue, _ path: ParameterPath) throws(APIError) {
        guard let content = message["content"], content.kind == .array else { return }
        var files: [String] = []
        for (index, part) in content.elements.enumerated() where part.present("type")?.equals("file") == true {
            guard let id = part.present("file")?.present("file_id") else { continue }
            files.append(try Self.fileID(id, "\(ParameterPath(message: path.message, part: index)).file.file_id"))
        }
        guard !files.isEmpty else { return }
        out.writeSystemMessage(files.map { "fileid://\($0)" }.joined(separator: ","))
        out.body.append(",")
    }

    /// The id of an uploaded file.
    static func fileID(_ value: JSONValue, _ place: @autoclosure () -> String) throws(APIError) -> String {
        guard let id = value.string else { throw .wrongType(place(), expected: "string", got: value) }
        guard !id.isEmpty else { throw .invalidValue(place(), "it is empty.") }
        return id
    }

    // MARK: - Members beside the content

    private mutating func writeMembers(
        _ message: JSONValue,
        _ role: Role,
        _ path: ParameterPath,
        _ lastFunctionCallID: inout String
    ) throws(APIError) {
        // Once, not for each member.
        let hasContent = role == .assistant && message.present("content") != nil
        for member in message.members {
            let (name, value) = (member.name, member.value)
            if value.isNull || name.equals("content") || name.equals("role") { continue }
            if name.equals("tool_calls") {
                guard value.kind == .array else {
                    throw .wrongType("\(path).tool_calls", expected: "array", got: value)
                }
                if !value.isEmptyContainer { try writeToolCalls(value, path) }
            } else if name.equals("tool_call_id") {
                guard value.kind == .string else {
                    throw .wrongType("\(path).tool_call_id", expected: "string", got: value)
                }
                out.writeMember("tool_call_id", value)
            } else if name.equals("function_call") {
                lastFunctionCallID = "call_" + String(path.message)
                try writeFunctionCall(value, path, id: lastFunctionCallID)
            } else if name.equals("name") {
                try writeName(value, role, path)
            } else if role == .assistant, try readAnswer(member, path, hasContent: hasContent) {
                continue
            } else {
                var isFirst = false
                out.writeMember(member, &isFirst)
            }
        }
    }

    private mutating func writeName(_ name: JSONValue, _ role: Role, _ path: ParameterPath) throws(APIError) {
        guard name.kind == .string else { throw .wrongType("\(path).name", expected: "string", got: name) }
        guard role != .tool else { return out.writeMember("name", name) }
        out.adjust(
            "messages[*].name",
            at: "\(path).name",
            from: "string",
            to: out.options.keepsMessageNames ? "content" : "none",
            out.options.keepsMessageNames ? "stands in front of the text" : "upstream knows names of tools only"
        )
    }

    /// A member of an earlier answer that is left out.
    private mutating func reportLost(_ member: JSONValue.Member, _ reason: String, at path: ParameterPath) {
        let name = GenerationWriter.memberName(member.name)
        out.adjust(
            "messages[*].\(name)",
            at: "\(path).\(name)",
            from: GenerationWriter.shortUnknown(member.value),
            to: "none",
            reason
        )
    }

    /// Members that only earlier answers have; false for one that is carried like any other.
    private mutating func readAnswer(_ member: JSONValue.Member, _ path: ParameterPath, hasContent: Bool)
        throws(APIError) -> Bool
    {
        let (name, value) = (member.name, member.value)
        if name.equals("reasoning_content") || name.equals("reasoning") {
            guard value.kind == .string else {
                guard name.equals("reasoning") else {
                    throw .wrongType("\(path).reasoning_content", expected: "string", got: value)
                }
                reportLost(member, in: "messages[*]", at: "\(path)")
                return true
            }
            if carried(.preserveThinking)?.bool == true {
                out.writeMember("reasoning_content", value)
            } else if !value.isEmptyString {
                reportLost(member, "earlier reasoning is read with preserve_thinking only", at: path)
            }
            return true
        }
        if name.equals("refusal") {
            guard value.kind == .string else {
                throw .wrongType("\(path).refusal", expected: "string", got: value)
            }
            // Without content it was written as the text.
            if !value.isEmptyString, hasContent {
                reportLost(member, "the message has a content as well", at: path)
            }
            return true
        }
        if name.equals("annotations") {
            if !value.isEmptyContainer {
                reportLost(member, "sources are no part of an earlier answer upstream", at: path)
            }
            return true
        }
        if name.equals("audio") {
            out.adjust(
                "messages[*].audio",
                at: "\(path).audio",
                from: "object",
                to: "none",
                "earlier sounds cannot be referred to"
            )
            return true
        }
        return false
    }
}
