import JSONBytes

/// What was decided about thinking.
struct ThinkingDecision {
    /// What to send as `enable_thinking`; nil leaves it out.
    var enable: Bool?
    /// Whether the answer may hold reasoning.
    var mayThink = false
    /// What to send as `reasoning_effort`.
    var effort: String?
    /// A budget the operator has set for the effort.
    var budget: Int?
}

extension ChatRequestDraft {
    private static let efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"]

    mutating func decideThinking() throws(APIError) {
        var wish: Bool?
        var source = "enable_thinking"
        if let kwargs = fields[.chatTemplateKwargs] {
            for member in kwargs.members where !member.value.isNull {
                if member.name.equals("enable_thinking") || member.name.equals("thinking") {
                    guard let flag = member.value.bool else {
                        throw .wrongType(
                            "chat_template_kwargs.\(member.name.string ?? "")",
                            expected: "boolean",
                            got: member.value
                        )
                    }
                    wish = flag
                    source = "chat_template_kwargs"
                } else {
                    adjust(
                        "chat_template_kwargs.\(member.name.string ?? "")",
                        from: Self.short(member.value),
                        to: "none",
                        "no counterpart upstream"
                    )
                }
            }
        }
        if let type = fields[.thinking]?.present("type") {
            guard type.equals("enabled") || type.equals("disabled") || type.equals("auto") else {
                throw .invalidValue("thinking.type", "expected enabled or disabled.")
            }
            if !type.equals("auto") { wish = type.equals("enabled") }
            source = "thinking"
        }
        let effort = try readEffort()
        if let effort {
            wish = effort != "none" && effort != "minimal"
            source = "reasoning_effort"
        }
        if let flag = fields[.enableThinking]?.bool {
            wish = flag
            source = "enable_thinking"
        }
        decide(wish: wish, source: source, effort: effort)
    }

    private func readEffort() throws(APIError) -> String? {
        let value = fields[.reasoningEffort] ?? fields[.reasoning]?.present("effort")
        guard let value else { return nil }
        guard let effort = value.string else { throw .wrongType("reasoning.effort", expected: "string", got: value) }
        guard Self.efforts.contains(effort) else {
            throw .invalidValue(
                "reasoning_effort",
                "expected one of \(Self.efforts.joined(separator: ", "))."
            )
        }
        return effort
    }

    private mutating func decide(wish: Bool?, source: String, effort: String?) {
        switch model.traits.thinking {
        case .never:
            // Sending it at all would be refused; false is what the model does anyway.
            if wish == true {
                adjust(source, from: effort ?? "true", to: "none", "the model cannot think")
            }
            return
        case .always:
            thinking.mayThink = true
            if wish == false {
                adjust(source, from: effort ?? "false", to: "none", "the model always thinks")
            }
        case .offByDefault:
            thinking.enable = wish
            thinking.mayThink = wish ?? false
        case .onByDefault, .switchable:
            thinking.enable = wish
            thinking.mayThink = wish ?? true
        case .unknown:
            thinking.enable = wish
            thinking.mayThink = wish ?? (model.traits.streamOnly != .no)
        }
        guard let effort, wish == true else { return }
        if model.traits.takesReasoningEffort {
            thinking.effort = effort == "xhigh" || effort == "max" ? "max" : "high"
            if effort == "low" || effort == "medium" {
                adjust("reasoning_effort", from: effort, to: "high", "the lowest degree of the model")
            }
        } else if let budget = options.thinkingBudgets[effort], fields[.thinkingBudget] == nil {
            thinking.budget = budget
            adjust("reasoning_effort", from: effort, to: "thinking_budget=\(budget)", "the model takes a budget")
        } else {
            adjust("reasoning_effort", from: effort, to: "enable_thinking=true", "the model knows no degrees")
        }
    }

    mutating func writeThinking() {
        if let enable = thinking.enable { parameter("enable_thinking", text: enable ? "true" : "false") }
        if let effort = thinking.effort { parameter("reasoning_effort", text: "\"\(effort)\"") }
        if let budget = fields[.thinkingBudget] {
            if model.traits.thinking == .never {
                adjust("thinking_budget", from: Self.short(budget), to: "none", "the model cannot think")
            } else {
                parameter("thinking_budget", budget)
            }
        } else if let budget = thinking.budget {
            parameter("thinking_budget", text: "\(budget)")
        }
    }
}
