import JSONBytes

/// The wishes of a request about thinking, independent of the face.
struct ThinkingWish {
    /// Whether to think; nil where nothing is said.
    var enable: Bool?
    /// The caller's name of the field that says so.
    var source = "enable_thinking"
    var effort: String?
    var effortName = "reasoning_effort"
    var budget: JSONValue?
    var budgetName = "thinking_budget"

    private static let efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"]

    /// Reads OpenAI's word for a degree of effort.
    static func effort(_ value: JSONValue, _ name: String) throws(APIError) -> String {
        guard let effort = value.string else { throw .wrongType(name, expected: "string", got: value) }
        guard efforts.contains(effort) else {
            throw .invalidValue(name, "expected one of \(efforts.joined(separator: ", ")).")
        }
        return effort
    }
}

/// The decision about thinking.
struct ThinkingDecision {
    /// The value of `enable_thinking`; nil leaves it out.
    var enable: Bool?
    /// Whether the answer may hold reasoning.
    var mayThink = false
    /// The value of `reasoning_effort`.
    var effort: String?
    /// The budget of the request.
    var budget: JSONValue?
    var budgetName = "thinking_budget"
    /// A budget the operator has set for the effort.
    var effortBudget: Int?
}

extension GenerationWriter {
    /// Decides what to send of a wish to think, and reports what the model does not take.
    mutating func decideThinking(_ wish: ThinkingWish) {
        switch model.traits.thinking {
        case .never:
            // Sending it at all would be refused; false is what the model does anyway.
            if wish.enable == true {
                adjust(wish.source, from: wish.effort ?? "true", to: "none", "the model cannot think")
            }
            if let budget = wish.budget {
                adjust(wish.budgetName, from: Self.short(budget), to: "none", "the model cannot think")
            }
            return
        case .always:
            thinking.mayThink = true
            if wish.enable == false {
                adjust(wish.source, from: wish.effort ?? "false", to: "none", "the model always thinks")
            }
        case .offByDefault:
            thinking.enable = wish.enable
            thinking.mayThink = wish.enable ?? false
        case .onByDefault, .switchable:
            thinking.enable = wish.enable
            thinking.mayThink = wish.enable ?? true
        case .unknown:
            thinking.enable = wish.enable
            thinking.mayThink = wish.enable ?? (model.traits.streamOnly != .no)
        }
        thinking.budget = wish.budget
        thinking.budgetName = wish.budgetName
        if let effort = wish.effort, wish.enable == true { decideEffort(effort, wish) }
    }

    private mutating func decideEffort(_ effort: String, _ wish: ThinkingWish) {
        if model.traits.takesReasoningEffort {
            thinking.effort = effort == "xhigh" || effort == "max" ? "max" : "high"
            if effort == "low" || effort == "medium" {
                adjust(wish.effortName, from: effort, to: "high", "the lowest degree of the model")
            }
            if let budget = wish.budget {
                adjust(wish.budgetName, from: Self.short(budget), to: "none", "a degree of effort is given as well")
                thinking.budget = nil
            }
        } else if let budget = options.thinkingBudgets[effort], wish.budget == nil {
            thinking.effortBudget = budget
            adjust(wish.effortName, from: effort, to: "thinking_budget=\(budget)", "the model takes a budget")
        } else {
            adjust(wish.effortName, from: effort, to: "enable_thinking=true", "the model knows no degrees")
        }
    }

    /// Switches thinking off for something that excludes it; false where the model cannot do without.
    @discardableResult
    mutating func suppressThinking(_ name: String, _ reason: String) -> Bool {
        guard thinking.mayThink else { return true }
        guard model.traits.thinking != .always else { return false }
        // An unknown model may not have the switch.
        if model.traits.thinking == .unknown, thinking.enable == nil { return true }
        adjust(name, from: thinking.enable == nil ? "unset" : "true", to: "false", reason)
        thinking = ThinkingDecision(enable: false)
        return true
    }

    mutating func writeThinking() {
        if let enable = thinking.enable { parameter("enable_thinking", text: enable ? "true" : "false") }
        if let effort = thinking.effort { parameter("reasoning_effort", text: "\"\(effort)\"") }
        if let budget = thinking.budget {
            parameter("thinking_budget", integer: budget, param: thinking.budgetName)
        } else if let budget = thinking.effortBudget {
            parameter("thinking_budget", text: "\(budget)")
        }
    }
}
