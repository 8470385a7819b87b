import JSONBytes

/// The many fields in which clients say whether to think.
extension ChatReader {
    private static let efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"]

    mutating func readThinking() throws(APIError) -> ThinkingWish {
        var wish = ThinkingWish()
        var effort: JSONValue?
        try readTemplateArguments(&wish, &effort)
        try readThinkingObject(&wish)
        try readReasoning(&wish, &effort)
        if let value = fields[.reasoningEffort] {
            effort = value
            wish.effortName = "reasoning_effort"
        }
        if let effort {
            wish.effort = try Self.effort(effort, wish.effortName)
            wish.enable = wish.effort != "none" && wish.effort != "minimal"
            wish.source = wish.effortName
        }
        if let flag = fields[.enableThinking]?.bool {
            wish.enable = flag
            wish.source = "enable_thinking"
        }
        if let budget = fields[.thinkingBudget] {
            wish.budget = budget
            wish.budgetName = "thinking_budget"
        }
        return wish
    }

    private static func effort(_ value: JSONValue, _ name: String) throws(APIError) -> String {
        guard let effort = value.string else { throw .wrongType(name, expected: "string", got: value) }
        guard efforts.contains(effort) else {
            throw .invalidValue(name, "expected one of \(efforts.joined(separator: ", ")).")
        }
        return effort
    }

    /// What vLLM's and SGLang's clients send; what DashScope knows by the same name is carried.
    private mutating func readTemplateArguments(_ wish: inout ThinkingWish, _ effort: inout JSONValue?)
        throws(APIError)
    {
        guard let arguments = fields[.chatTemplateKwargs] else { return }
        for member in arguments.members where !member.value.isNull {
            let (name, value) = (member.name, member.value)
            if name.equals("enable_thinking") || name.equals("thinking") {
                wish.enable = try Self.flag(value, "chat_template_kwargs", name)
                wish.source = "chat_template_kwargs"
            } else if name.equals("thinking_budget") {
                wish.budget = try Self.integer(value, "chat_template_kwargs", name)
                wish.budgetName = "chat_template_kwargs.thinking_budget"
            } else if name.equals("reasoning_effort") {
                effort = value
                wish.effortName = "chat_template_kwargs.reasoning_effort"
            } else if name.equals("preserve_thinking") || name.equals("clear_thinking") {
                _ = try Self.flag(value, "chat_template_kwargs", name)
                nestedParameters.append((name.equals("preserve_thinking") ? .preserveThinking : .clearThinking, value))
            } else {
                reportLost(member, in: "chat_template_kwargs", at: "chat_template_kwargs")
            }
        }
    }

    private mutating func readThinkingObject(_ wish: inout ThinkingWish) throws(APIError) {
        guard let thinking = fields[.thinking] else { return }
        for member in thinking.members where !member.value.isNull {
            let (name, value) = (member.name, member.value)
            if name.equals("type") {
                guard value.kind == .string else { throw .wrongType("thinking.type", expected: "string", got: value) }
                guard value.equals("enabled") || value.equals("disabled") || value.equals("auto") else {
                    throw .invalidValue("thinking.type", "expected enabled or disabled.")
                }
                if !value.equals("auto") { wish.enable = value.equals("enabled") }
                wish.source = "thinking"
            } else if name.equals("budget_tokens") || name.equals("thinking_budget") {
                wish.budget = try Self.integer(value, "thinking", name)
                wish.budgetName = "thinking.\(GenerationWriter.memberName(name))"
            } else if name.equals("clear_thinking") || name.equals("preserve_thinking") {
                _ = try Self.flag(value, "thinking", name)
                nestedParameters.append((name.equals("preserve_thinking") ? .preserveThinking : .clearThinking, value))
            } else {
                reportLost(member, in: "thinking", at: "thinking")
            }
        }
    }

    /// OpenRouter's object.
    private mutating func readReasoning(_ wish: inout ThinkingWish, _ effort: inout JSONValue?) throws(APIError) {
        guard let reasoning = fields[.reasoning] else { return }
        for member in reasoning.members where !member.value.isNull {
            let (name, value) = (member.name, member.value)
            if name.equals("effort") {
                effort = value
                wish.effortName = "reasoning.effort"
            } else if name.equals("max_tokens") {
                wish.budget = try Self.integer(value, "reasoning", name)
                wish.budgetName = "reasoning.max_tokens"
                if wish.enable == nil {
                    wish.enable = true
                    wish.source = "reasoning"
                }
            } else if name.equals("enabled") {
                wish.enable = try Self.flag(value, "reasoning", name)
                wish.source = "reasoning"
            } else {
                reportLost(member, in: "reasoning", at: "reasoning")
            }
        }
    }

    private static func flag(_ value: JSONValue, _ object: String, _ name: JSONValue) throws(APIError) -> Bool {
        guard let flag = value.bool else {
            throw .wrongType("\(object).\(GenerationWriter.memberName(name))", expected: "boolean", got: value)
        }
        return flag
    }

    private static func integer(_ value: JSONValue, _ object: String, _ name: JSONValue) throws(APIError) -> JSONValue {
        guard value.integer != nil else {
            throw .wrongType("\(object).\(GenerationWriter.memberName(name))", expected: "integer", got: value)
        }
        return value
    }
}
