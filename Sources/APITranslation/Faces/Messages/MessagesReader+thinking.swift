import JSONBytes

/// `thinking` and `output_config.effort`.
extension MessagesReader {
    mutating func decideThinking() throws(APIError) {
        var wish = ThinkingWish(source: "thinking", budgetName: "thinking.budget_tokens")
        let isExplicit = try readThinking(&wish)
        if let flag = fields.native(.enableThinking)?.bool {
            if fields.thinking == nil {
                wish.enable = flag
                wish.source = "enable_thinking"
            } else if flag != (wish.enable ?? false) {
                out.adjust("enable_thinking", from: "\(flag)", to: "none", "thinking is given as well")
            }
        }
        if let budget = fields.native(.thinkingBudget) {
            if let own = wish.budget {
                if own.integer != budget.integer {
                    out.adjust(
                        "thinking_budget",
                        from: GenerationWriter.short(budget),
                        to: "none",
                        "thinking.budget_tokens is given as well"
                    )
                }
            } else {
                wish.budget = budget
                wish.budgetName = "thinking_budget"
            }
        }
        let wants = wish.enable == true
        // Only what differs from the model's habit is said to it.
        switch traits.thinking {
        case .never: if !wants { wish.enable = nil }
        case .always: wish.enable = wants || !isExplicit ? nil : false
        case .offByDefault: if !wants { wish.enable = nil }
        case .onByDefault: wish.enable = wants ? nil : false
        case .switchable: wish.enable = wants
        case .unknown: wish.enable = wants ? true : nil
        }
        out.decideThinking(wish)
        if wants, traits.thinking == .onByDefault { out.thinking.mayThink = true }
        decideEffort(isThinking: wants && traits.thinking != .never || traits.thinking == .always)
    }

    /// - Returns: Whether thinking was forbidden in so many words.
    private mutating func readThinking(_ wish: inout ThinkingWish) throws(APIError) -> Bool {
        guard let thinking = fields.thinking else { return false }
        guard let type = try Self.optionalString(thinking, "type", "thinking") else { throw .missing("thinking.type") }
        for member in thinking.members where !member.value.isNull {
            let (name, value) = (member.name, member.value)
            if name.equals("type") { continue }
            if name.equals("budget_tokens"), type.equals("enabled") {
                guard let budget = value.integer, budget >= 1 else {
                    throw .messages("thinking.budget_tokens", "Input should be an integer greater than or equal to 1")
                }
                wish.budget = value
            } else if name.equals("display") {
                guard value.kind == .string else {
                    throw .wrongType("thinking.display", expected: "string", got: value)
                }
                context.omitsThinking = value.equals("omitted")
            } else {
                out.adjust(
                    "thinking.\(GenerationWriter.memberName(name))",
                    from: GenerationWriter.short(value),
                    to: "none",
                    "no counterpart upstream"
                )
            }
        }
        if type.equals("enabled") {
            guard wish.budget != nil else { throw .missing("thinking.budget_tokens") }
            wish.enable = true
        } else if type.equals("adaptive") {
            wish.enable = true
        } else if !type.equals("disabled"), !type.equals("between_tools") {
            throw .messages(
                "thinking.type",
                "Input should be 'enabled', 'adaptive', 'disabled' or 'between_tools'"
            )
        }
        return type.equals("disabled")
    }

    /// A degree never switches thinking on; where the model takes one, it excludes a budget.
    private mutating func decideEffort(isThinking: Bool) {
        guard let effort = fields.effort else { return }
        let word = GenerationWriter.short(effort)
        let native: String? =
            switch word {
            case "low", "medium", "high": "high"
            case "xhigh", "max": "max"
            default: nil
            }
        guard isThinking, traits.takesReasoningEffort, let native else {
            return out.adjust("output_config.effort", from: word, to: "none", "the model knows no degrees")
        }
        out.thinking.effort = native
        if word == "low" || word == "medium" {
            out.adjust("output_config.effort", from: word, to: "high", "the lowest degree of the model")
        }
        if let budget = out.thinking.budget {
            out.thinking.budget = nil
            out.adjust(
                out.thinking.budgetName,
                from: GenerationWriter.short(budget),
                to: "none",
                "a degree of effort is given as well"
            )
        }
    }
}
