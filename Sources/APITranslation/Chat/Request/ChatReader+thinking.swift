import JSONBytes

/// The many fields in which clients say whether to think.
extension ChatReader {
    mutating func readThinking() throws(APIError) -> ThinkingWish {
        var wish = ThinkingWish()
        var effort: JSONValue?
        try readTemplateArguments(&wish, &effort)
        try readThinkingObject(&wish)
        try readReasoning(&wish, &effort)
        if let value = fields[.reasoningEffort] { try set(effort: value, "reasoning_effort", &wish, &effort) }
        if let effort {
            let word = try ThinkingWish.effort(effort, wish.effortName)
            set(enable: word != "none" && word != "minimal", wish.effortName, &wish)
            wish.effort = word
        }
        if let flag = fields[.enableThinking]?.bool { set(enable: flag, "enable_thinking", &wish) }
        if let budget = fields[.thinkingBudget] { set(budget: budget, "thinking_budget", &wish) }
        return wish
    }

    // MARK: - The last word counts

    private mutating func set(
        effort value: JSONValue,
        _ name: String,
        _ wish: inout ThinkingWish,
        _ effort: inout JSONValue?
    ) throws(APIError) {
        let word = try ThinkingWish.effort(value, name)
        if let effort, effort.string != word {
            reportOverruled(wish.effortName, GenerationWriter.short(effort), by: name)
        }
        effort = value
        wish.effortName = name
    }

    private mutating func set(budget value: JSONValue, _ name: String, _ wish: inout ThinkingWish) {
        if let budget = wish.budget, budget.integer != value.integer {
            reportOverruled(wish.budgetName, GenerationWriter.short(budget), by: name)
        }
        wish.budget = value
        wish.budgetName = name
    }

    private mutating func set(enable flag: Bool, _ name: String, _ wish: inout ThinkingWish) {
        if let enable = wish.enable, enable != flag {
            reportOverruled(wish.source, wish.effort ?? "\(enable)", by: name)
        }
        wish.enable = flag
        wish.source = name
    }

    private mutating func reportOverruled(_ name: String, _ value: String, by other: String) {
        out.adjust(name, from: value, to: "none", "\(other) is given as well")
    }

    // MARK: - Where it is said

    /// Reads the members that clients of vLLM and SGLang send; those that DashScope knows by the same name are carried.
    private mutating func readTemplateArguments(_ wish: inout ThinkingWish, _ effort: inout JSONValue?)
        throws(APIError)
    {
        guard let arguments = fields[.chatTemplateKwargs] else { return }
        for member in arguments.members where !member.value.isNull {
            let (name, value) = (member.name, member.value)
            if name.equals("enable_thinking") || name.equals("thinking") {
                set(enable: try Self.flag(value, "chat_template_kwargs", name), "chat_template_kwargs", &wish)
            } else if name.equals("thinking_budget") {
                let budget = try Self.integer(value, "chat_template_kwargs", name)
                set(budget: budget, "chat_template_kwargs.thinking_budget", &wish)
            } else if name.equals("reasoning_effort") {
                try set(effort: value, "chat_template_kwargs.reasoning_effort", &wish, &effort)
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
                if !value.equals("auto") { set(enable: value.equals("enabled"), "thinking", &wish) }
            } else if name.equals("budget_tokens") || name.equals("thinking_budget") {
                let budget = try Self.integer(value, "thinking", name)
                set(budget: budget, "thinking.\(GenerationWriter.memberName(name))", &wish)
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
                try set(effort: value, "reasoning.effort", &wish, &effort)
            } else if name.equals("max_tokens") {
                set(budget: try Self.integer(value, "reasoning", name), "reasoning.max_tokens", &wish)
                if wish.enable == nil { set(enable: true, "reasoning", &wish) }
            } else if name.equals("enabled") {
                set(enable: try Self.flag(value, "reasoning", name), "reasoning", &wish)
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
