import ByteWriting
import JSONBytes
import NIOCore

/// Tools and the deprecated functions.
extension ChatReader {
    mutating func writeTools() throws(APIError) {
        writeResponseFormat()
        if let tools {
            try writeTools(tools)
        } else if let functions {
            try writeFunctions(functions)
        } else if let choice = fields[.toolChoice], !choice.equals("none"), !choice.equals("auto") {
            throw .invalidValue("tool_choice", "it is only allowed when tools are given.")
        }
    }

    private mutating func writeTools(_ tools: JSONValue) throws(APIError) {
        let allowed = try allowedNames(fields[.toolChoice])
        out.parameterName("tools")
        out.body.append("[")
        var count = 0
        var only: JSONValue?
        for (index, tool) in tools.elements.enumerated() {
            let name = try Self.toolName(tool, index)
            if let allowed, !allowed.contains(JSONKey(name)) { continue }
            if count > 0 { out.body.append(",") }
            count += 1
            only = name
            try writeTool(tool, index)
        }
        guard count > 0 else {
            throw .invalidValue("tool_choice.allowed_tools.tools", "none of them is among the given tools.")
        }
        out.body.append("]")
        try writeChoice(fields[.toolChoice], only: count == 1 ? only : nil)
        // DashScope's default is one call at a time.
        out.parameter("parallel_tool_calls", text: fields[.parallelToolCalls]?.bool == false ? "false" : "true")
    }

    static func toolName(_ tool: JSONValue, _ index: Int) throws(APIError) -> JSONValue {
        guard tool.kind == .object else { throw .wrongType("tools[\(index)]", expected: "object", got: tool) }
        guard let type = tool.present("type") else { throw .missing("tools[\(index)].type") }
        guard type.kind == .string else { throw .wrongType("tools[\(index)].type", expected: "string", got: type) }
        let member: StaticString
        if type.equals("function") {
            member = "function"
        } else if type.equals("custom") {
            member = "custom"
        } else {
            throw .invalidValue(
                "tools[\(index)].type",
                "expected function or custom. Web search is asked for with `web_search_options` or `enable_search`."
            )
        }
        guard let definition = tool.present(member) else { throw .missing("tools[\(index)].\(member)") }
        return try definedName(definition, "tools[\(index)].\(member)")
    }

    private static func definedName(_ definition: JSONValue, _ path: @autoclosure () -> String) throws(APIError)
        -> JSONValue
    {
        guard definition.kind == .object else { throw .wrongType(path(), expected: "object", got: definition) }
        guard let name = definition.present("name") else { throw .missing("\(path()).name") }
        guard name.kind == .string else { throw .wrongType("\(path()).name", expected: "string", got: name) }
        return name
    }

    private mutating func writeTool(_ tool: JSONValue, _ index: Int) throws(APIError) {
        let hasNull = tool.members.contains { $0.value.isNull }
        if tool.present("type")?.equals("custom") == true, let custom = tool.present("custom") {
            out.body.append("{\"type\":\"function\",\"function\":")
            try writeCustomTool(custom, index)
        } else if let function = tool.present("function") {
            let isPlain = try Self.isPlain(function, "tools[\(index)].function")
            if isPlain, !hasNull { return out.body.writeJSON(tool) }
            out.body.append("{\"type\":\"function\",\"function\":")
            try writeFunction(function, "tools[*].function", "tools[\(index)].function")
        }
        for member in tool.members
        where !member.value.isNull && !member.name.equals("type") && !member.name.equals("function")
            && !member.name.equals("custom")
        {
            var isFirst = false
            out.writeMember(member, &isFirst)
        }
        out.body.append("}")
    }

    // MARK: - Functions

    /// Whether a function can be copied: nothing is null, nothing has to be left out or converted.
    private static func isPlain(_ function: JSONValue, _ path: @autoclosure () -> String) throws(APIError) -> Bool {
        var isPlain = true
        for member in function.members {
            let (name, value) = (member.name, member.value)
            if value.isNull {
                isPlain = false
            } else if name.equals("strict") {
                guard value.bool != nil else { throw .wrongType("\(path()).strict", expected: "boolean", got: value) }
                isPlain = false
            } else if name.equals("description") {
                guard value.kind == .string else {
                    throw .wrongType("\(path()).description", expected: "string", got: value)
                }
            } else if name.equals("parameters"), value.kind != .object {
                guard value.kind == .array else {
                    throw .wrongType("\(path()).parameters", expected: "object", got: value)
                }
                isPlain = false
            }
        }
        return isPlain
    }

    private mutating func writeFunction(_ function: JSONValue, _ name: String, _ path: @autoclosure () -> String)
        throws(APIError)
    {
        out.body.append("{")
        var isFirst = true
        for member in function.members where !member.value.isNull {
            if member.name.equals("strict") {
                guard member.value.bool == true else { continue }
                out.adjust(
                    "\(name).strict",
                    at: "\(path()).strict",
                    from: "true",
                    to: "none",
                    "no counterpart upstream"
                )
            } else if member.name.equals("parameters"), member.value.kind == .array {
                if !isFirst { out.body.append(",") }
                isFirst = false
                out.body.append("\"parameters\":")
                try writeSchema(of: member.value, name, path())
            } else {
                out.writeMember(member, &isFirst)
            }
        }
        out.body.append("}")
    }

    /// Qwen-Agent lists parameters: `[{"name","type","description","required"}]`.
    private mutating func writeSchema(of list: JSONValue, _ name: String, _ path: String) throws(APIError) {
        out.adjust("\(name).parameters", at: "\(path).parameters", from: "array", to: "schema", "a list is no schema")
        out.body.append("{\"type\":\"object\",\"properties\":{")
        var required: [JSONValue] = []
        for (index, entry) in list.elements.enumerated() {
            let place = "\(path).parameters[\(index)]"
            let key = try Self.definedName(entry, place)
            if entry.present("required")?.bool == true { required.append(key) }
            if index > 0 { out.body.append(",") }
            out.body.writeJSON(key)
            out.body.append(":{")
            var isFirst = true
            for member in entry.members where !member.value.isNull && !member.name.equals("name") {
                if member.name.equals("required"), member.value.bool != nil { continue }
                out.writeMember(member, &isFirst)
            }
            out.body.append("}")
        }
        out.body.append("},\"required\":[")
        for (index, key) in required.enumerated() {
            if index > 0 { out.body.append(",") }
            out.body.writeJSON(key)
        }
        out.body.append("]}")
    }

    // MARK: - Custom tools

    private mutating func writeCustomTool(_ custom: JSONValue, _ index: Int) throws(APIError) {
        let path = "tools[\(index)].custom"
        customTools.append(custom.present("name")?.string ?? "")
        out.adjust(
            "tools[*]",
            at: "tools[\(index)]",
            from: "custom",
            to: "function",
            "the model knows functions only"
        )
        let description = try Self.optionalString(custom, "description", path)
        let grammar = try grammar(of: custom, path)
        out.body.append("{")
        var isFirst = true
        for member in custom.members
        where !member.value.isNull && !member.name.equals("description") && !member.name.equals("format") {
            out.writeMember(member, &isFirst)
        }
        if description != nil || grammar != nil {
            out.body.append(",\"description\":\"")
            if let content = description?.escapedContent { out.body.append(bytes: content) }
            if let grammar {
                if description != nil { out.body.append("\\n\\n") }
                out.body.append("The input must conform to this grammar")
                if let syntax = grammar.syntax?.escapedContent {
                    out.body.append(" (")
                    out.body.append(bytes: syntax)
                    out.body.append(")")
                }
                out.body.append(":\\n")
                if let content = grammar.definition.escapedContent { out.body.append(bytes: content) }
            }
            out.body.append("\"")
        }
        out.body.append(
            ",\"parameters\":{\"type\":\"object\",\"properties\":{\"input\":{\"type\":\"string\"}},\"required\":[\"input\"]}}"
        )
    }

    private mutating func grammar(of custom: JSONValue, _ path: String) throws(APIError)
        -> (definition: JSONValue, syntax: JSONValue?)?
    {
        guard let format = custom.present("format") else { return nil }
        guard format.kind == .object else { throw .wrongType("\(path).format", expected: "object", got: format) }
        guard let type = try Self.optionalString(format, "type", "\(path).format") else {
            throw .missing("\(path).format.type")
        }
        let isNested = format.present("grammar") != nil
        for member in format.members where !member.value.isNull && !member.name.equals("type") {
            let isRead =
                isNested
                ? member.name.equals("grammar") : member.name.equals("definition") || member.name.equals("syntax")
            if !isRead { reportLost(member, in: "tools[*].custom.format", at: "\(path).format") }
        }
        if type.equals("text") { return nil }
        guard type.equals("grammar") else {
            throw .invalidValue("\(path).format.type", "expected text or grammar.")
        }
        // OpenAI's nested form, and the flat one of its Responses API.
        let grammar = format.present("grammar") ?? format
        guard grammar.kind == .object else {
            throw .wrongType("\(path).format.grammar", expected: "object", got: grammar)
        }
        guard let definition = try Self.optionalString(grammar, "definition", "\(path).format.grammar") else {
            throw .missing("\(path).format.grammar.definition")
        }
        let syntax = try Self.optionalString(grammar, "syntax", "\(path).format.grammar")
        if isNested {
            for member in grammar.members
            where !member.value.isNull && !member.name.equals("definition") && !member.name.equals("syntax") {
                reportLost(member, in: "tools[*].custom.format.grammar", at: "\(path).format.grammar")
            }
        }
        out.adjust(
            "tools[*].custom.format",
            at: "\(path).format",
            from: "grammar",
            to: "description",
            "the grammar is told in words"
        )
        return (definition, syntax)
    }

    // MARK: - Deprecated functions

    private mutating func writeFunctions(_ functions: JSONValue) throws(APIError) {
        usesLegacyFunctions = true
        out.parameterName("tools")
        out.body.append("[")
        for (index, function) in functions.elements.enumerated() {
            let path = "functions[\(index)]"
            _ = try Self.definedName(function, path)
            if index > 0 { out.body.append(",") }
            out.body.append("{\"type\":\"function\",\"function\":")
            if try Self.isPlain(function, path) {
                out.body.writeJSON(function)
            } else {
                try writeFunction(function, "functions[*]", path)
            }
            out.body.append("}")
        }
        out.body.append("]")
        try writeFunctionChoice(fields[.functionCall])
    }

    private mutating func writeFunctionChoice(_ choice: JSONValue?) throws(APIError) {
        guard let choice else { return }
        if choice.kind == .string {
            guard choice.equals("auto") || choice.equals("none") else {
                throw .invalidValue("function_call", "expected none, auto or an object.")
            }
            out.parameter("tool_choice", choice)
        } else {
            let name = try Self.definedName(choice, "function_call")
            for member in choice.members where !member.value.isNull && !member.name.equals("name") {
                reportLost(member, in: "function_call", at: "function_call")
            }
            out.writeForcedChoice(name, reported: "function")
        }
    }
}
