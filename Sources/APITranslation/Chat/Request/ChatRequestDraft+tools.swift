import ByteWriting
import JSONBytes
import NIOCore

/// Tools, the choice among them, and the deprecated functions.
extension ChatRequestDraft {
    mutating func writeTools() throws(APIError) {
        writeResponseFormat()
        if let tools = fields[.tools], !tools.isEmptyContainer {
            try writeTools(tools, choice: fields[.toolChoice])
        } else if let functions = fields[.functions], !functions.isEmptyContainer {
            try writeFunctions(functions, choice: fields[.functionCall])
        } else if let choice = fields[.toolChoice], !choice.equals("none"), !choice.equals("auto") {
            throw .invalidValue("tool_choice", "it is only allowed when tools are given.")
        }
    }

    // MARK: - Tools

    private mutating func writeTools(_ tools: JSONValue, choice: JSONValue?) throws(APIError) {
        let allowed = try allowedNames(choice)
        parameterName("tools")
        body.append("[")
        var names: [JSONValue] = []
        for (index, tool) in tools.elements.enumerated() {
            let name = try toolName(tool, index)
            if let allowed, let text = name?.string, !allowed.contains(text) { continue }
            if !names.isEmpty { body.append(",") }
            names.append(name ?? tool)
            try writeTool(tool, index)
        }
        body.append("]")
        try writeChoice(choice, toolCount: names.count, only: names.first)
        // DashScope's default is one call at a time.
        if fields[.parallelToolCalls]?.bool != false {
            parameter("parallel_tool_calls", text: "true")
        } else {
            parameter("parallel_tool_calls", text: "false")
        }
    }

    private func toolName(_ tool: JSONValue, _ index: Int) throws(APIError) -> JSONValue? {
        guard tool.kind == .object else { throw .wrongType("tools[\(index)]", expected: "object", got: tool) }
        guard let type = tool.present("type") else { throw .missing("tools[\(index)].type") }
        let member: (path: String, value: JSONValue?)
        if type.equals("function") {
            member = ("tools[\(index)].function", tool.present("function"))
        } else if type.equals("custom") {
            member = ("tools[\(index)].custom", tool.present("custom"))
        } else {
            return nil
        }
        guard let definition = member.value else { throw .missing(member.path) }
        guard definition.kind == .object else {
            throw .wrongType(member.path, expected: "object", got: definition)
        }
        guard let name = definition.present("name") else { throw .missing("\(member.path).name") }
        guard name.kind == .string else { throw .wrongType("\(member.path).name", expected: "string", got: name) }
        return name
    }

    private mutating func writeTool(_ tool: JSONValue, _ index: Int) throws(APIError) {
        if let custom = tool.present("custom"), tool.present("type")?.equals("custom") == true {
            return writeCustomTool(custom, index)
        }
        guard let function = tool.present("function"), let strict = function["strict"] else {
            return body.writeJSON(tool)
        }
        if strict.bool == true {
            adjust(
                "tools[*].function.strict",
                at: "tools[\(index)].function.strict",
                from: "true",
                to: "none",
                "no counterpart upstream"
            )
        }
        body.append("{\"type\":\"function\",\"function\":")
        writeObject(function) { !$0.equals("strict") }
        body.append("}")
    }

    /// Writes an object without the members that `keeps` refuses.
    mutating func writeObject(_ object: JSONValue, keeping keeps: (JSONValue) -> Bool) {
        body.append("{")
        var isFirst = true
        for member in object.members where keeps(member.name) {
            if !isFirst { body.append(",") }
            isFirst = false
            body.writeJSON(member.name)
            body.append(":")
            body.writeJSON(member.value)
        }
        body.append("}")
    }

    private mutating func writeCustomTool(_ custom: JSONValue, _ index: Int) {
        guard let name = custom.present("name") else { return }
        customTools.append(name.string ?? "")
        adjust(
            "tools[*]",
            at: "tools[\(index)]",
            from: "custom",
            to: "function",
            "the model knows functions only"
        )
        body.append("{\"type\":\"function\",\"function\":{\"name\":")
        body.writeJSON(name)
        if let description = custom.present("description") {
            body.append(",\"description\":")
            body.writeJSON(description)
        }
        body.append(
            ",\"parameters\":{\"type\":\"object\",\"properties\":{\"input\":{\"type\":\"string\"}},\"required\":[\"input\"]}}}"
        )
    }

    // MARK: - Choice

    private func allowedNames(_ choice: JSONValue?) throws(APIError) -> Set<String>? {
        guard let choice, choice.present("type")?.equals("allowed_tools") == true else { return nil }
        guard let tools = choice.present("allowed_tools")?.present("tools"), tools.kind == .array else {
            throw .missing("tool_choice.allowed_tools.tools")
        }
        return Set(
            tools.elements.lazy.compactMap { ($0.present("function") ?? $0.present("custom"))?.present("name")?.string }
        )
    }

    private mutating func writeChoice(_ choice: JSONValue?, toolCount: Int, only: JSONValue?) throws(APIError) {
        guard let choice else { return }
        if choice.kind == .string {
            if choice.equals("auto") || choice.equals("none") { return parameter("tool_choice", choice) }
            guard choice.equals("required") else {
                throw .invalidValue("tool_choice", "expected none, auto, required or an object.")
            }
            return require(toolCount: toolCount, only: only, reported: "required")
        }
        guard let type = choice.present("type") else { throw .missing("tool_choice.type") }
        if type.equals("allowed_tools") {
            if choice.present("allowed_tools")?.present("mode")?.equals("required") == true {
                require(toolCount: toolCount, only: only, reported: "allowed_tools")
            }
            return
        }
        guard type.equals("function") || type.equals("custom") else {
            throw .invalidValue("tool_choice.type", "expected function, custom or allowed_tools.")
        }
        let definition = choice.present("function") ?? choice.present("custom")
        guard let name = definition?.present("name"), name.kind == .string else {
            throw .missing("tool_choice.function.name")
        }
        force(name, reported: "function")
    }

    private mutating func require(toolCount: Int, only: JSONValue?, reported: String) {
        guard toolCount == 1, let only, only.kind == .string else {
            adjust("tool_choice", from: reported, to: "auto", "upstream cannot require one of several tools")
            return parameter("tool_choice", text: "\"auto\"")
        }
        force(only, reported: reported)
    }

    private mutating func force(_ name: JSONValue, reported: String) {
        guard !thinking.mayThink else {
            adjust("tool_choice", from: reported, to: "auto", "a choice cannot be forced while thinking")
            return parameter("tool_choice", text: "\"auto\"")
        }
        parameterName("tool_choice")
        body.append("{\"type\":\"function\",\"function\":{\"name\":")
        body.writeJSON(name)
        body.append("}}")
    }

    // MARK: - Deprecated functions

    private mutating func writeFunctions(_ functions: JSONValue, choice: JSONValue?) throws(APIError) {
        usesLegacyFunctions = true
        parameterName("tools")
        body.append("[")
        for (index, function) in functions.elements.enumerated() {
            guard function.kind == .object else {
                throw .wrongType("functions[\(index)]", expected: "object", got: function)
            }
            guard function.present("name")?.kind == .string else { throw .missing("functions[\(index)].name") }
            if index > 0 { body.append(",") }
            body.append("{\"type\":\"function\",\"function\":")
            body.writeJSON(function)
            body.append("}")
        }
        body.append("]")
        guard let choice else { return }
        if choice.kind == .string {
            guard choice.equals("auto") || choice.equals("none") else {
                throw .invalidValue("function_call", "expected none, auto or an object.")
            }
            parameter("tool_choice", choice)
        } else {
            guard let name = choice.present("name"), name.kind == .string else { throw .missing("function_call.name") }
            force(name, reported: "function")
        }
    }
}
