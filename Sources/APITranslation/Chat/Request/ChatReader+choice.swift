import JSONBytes

/// `tool_choice`.
extension ChatReader {
    /// Decides whether a call has to be asked for in words, which must be known before the messages are written.
    mutating func decideToolChoice() throws(APIError) {
        if tools == nil, functions != nil, fields[.functionCall]?.kind == .object { out.preferChoiceToThinking() }
        guard let tools, let choice = fields[.toolChoice] else { return }
        reportLostMembers(of: choice)
        let isRequired: Bool
        if choice.kind == .string {
            isRequired = choice.equals("required")
        } else if let allowed = try Self.allowedTools(choice) {
            isRequired = allowed.present("mode")?.equals("required") == true
        } else {
            return out.preferChoiceToThinking()
        }
        guard isRequired else { return }
        var count = 0
        let allowed = try allowedNames(choice)
        for (index, tool) in tools.elements.enumerated() {
            let name = try Self.toolName(tool, index)
            if allowed?.contains(JSONKey(name)) ?? true { count += 1 }
        }
        if count == 1 { out.preferChoiceToThinking() }
        guard count > 1 || count == 1 && out.thinking.mayThink else { return }
        asksForCallInWords = true
        out.askForCall(reported: choice.kind == .string ? "required" : "allowed_tools")
    }

    /// Each of the allowed tools is its type and its name.
    private mutating func reportLostMembers(ofAllowed tools: JSONValue) {
        let name = "tool_choice.allowed_tools.tools[*]"
        for (index, tool) in tools.elements.enumerated() {
            let place = "tool_choice.allowed_tools.tools[\(index)]"
            for member in tool.members where !member.value.isNull {
                if member.name.equals("type") || member.name.equals("name") { continue }
                guard member.name.equals("function") || member.name.equals("custom") else {
                    reportLost(member, in: name, at: place)
                    continue
                }
                let word = GenerationWriter.memberName(member.name)
                for inner in member.value.members where !inner.value.isNull && !inner.name.equals("name") {
                    reportLost(inner, in: "\(name).\(word)", at: "\(place).\(word)")
                }
            }
        }
    }

    private mutating func reportLostMembers(of choice: JSONValue) {
        if let list = (choice.present("allowed_tools") ?? choice).present("tools") {
            reportLostMembers(ofAllowed: list)
        }
        for member in choice.members where !member.value.isNull && !member.name.equals("type") {
            let name = GenerationWriter.memberName(member.name)
            let isList = member.name.equals("allowed_tools")
            guard isList || member.name.equals("function") || member.name.equals("custom") else {
                // The members of the flat form of `allowed_tools`.
                if member.name.equals("name") || member.name.equals("mode") || member.name.equals("tools") { continue }
                reportLost(member, in: "tool_choice", at: "tool_choice")
                continue
            }
            for inner in member.value.members where !inner.value.isNull {
                let isRead =
                    isList ? inner.name.equals("mode") || inner.name.equals("tools") : inner.name.equals("name")
                if !isRead { reportLost(inner, in: "tool_choice.\(name)", at: "tool_choice.\(name)") }
            }
        }
    }

    /// The object that says which tools are allowed; nil where the choice is another.
    private static func allowedTools(_ choice: JSONValue?) throws(APIError) -> JSONValue? {
        guard let choice, choice.present("type")?.equals("allowed_tools") == true else { return nil }
        // OpenAI's nested form, and the flat one of its Responses API.
        let allowed = choice.present("allowed_tools") ?? choice
        guard allowed.kind == .object else {
            throw .wrongType("tool_choice.allowed_tools", expected: "object", got: allowed)
        }
        if let mode = try optionalString(allowed, "mode", "tool_choice.allowed_tools") {
            guard mode.equals("auto") || mode.equals("required") else {
                throw .invalidValue("tool_choice.allowed_tools.mode", "expected auto or required.")
            }
        }
        return allowed
    }

    func allowedNames(_ choice: JSONValue?) throws(APIError) -> Set<JSONKey>? {
        guard let allowed = try Self.allowedTools(choice) else { return nil }
        let path = "tool_choice.allowed_tools.tools"
        guard let tools = allowed.present("tools") else { throw .missing(path) }
        guard tools.kind == .array else { throw .wrongType(path, expected: "array", got: tools) }
        var names = Set<JSONKey>()
        for (index, tool) in tools.elements.enumerated() {
            guard tool.kind == .object else { throw .wrongType("\(path)[\(index)]", expected: "object", got: tool) }
            _ = try Self.optionalString(tool, "type", "\(path)[\(index)]")
            let name = (tool.present("function") ?? tool.present("custom") ?? tool).present("name")
            guard let name else { throw .missing("\(path)[\(index)].function.name") }
            guard name.kind == .string else {
                throw .wrongType("\(path)[\(index)].function.name", expected: "string", got: name)
            }
            names.insert(JSONKey(name))
        }
        return names
    }

    /// `only` is the name of the tool where there is one only.
    mutating func writeChoice(_ choice: JSONValue?, only: JSONValue?) throws(APIError) {
        guard let choice else { return }
        if asksForCallInWords { return out.parameter("tool_choice", text: "\"auto\"") }
        if choice.kind == .string {
            if choice.equals("auto") || choice.equals("none") { return out.parameter("tool_choice", choice) }
            guard choice.equals("required") else {
                throw .invalidValue("tool_choice", "expected none, auto, required or an object.")
            }
            if let only { out.writeForcedChoice(only, reported: "required") }
            return
        }
        guard let type = try Self.optionalString(choice, "type", "tool_choice") else {
            throw .missing("tool_choice.type")
        }
        if type.equals("allowed_tools") {
            if let only, try Self.allowedTools(choice)?.present("mode")?.equals("required") == true {
                out.writeForcedChoice(only, reported: "allowed_tools")
            }
            return
        }
        guard type.equals("function") || type.equals("custom") else {
            throw .invalidValue("tool_choice.type", "expected function, custom or allowed_tools.")
        }
        let member: StaticString = type.equals("custom") ? "custom" : "function"
        let definition = choice.present("function") ?? choice.present("custom")
        guard let name = definition?.present("name") else { throw .missing("tool_choice.\(member).name") }
        guard name.kind == .string else {
            throw .wrongType("tool_choice.\(member).name", expected: "string", got: name)
        }
        out.writeForcedChoice(name, reported: "function")
    }
}
