extension RequestChecks {
    func checkThinking() throws(Refusal) {
        let asked = try flag("enable_thinking")
        try flag("stream")
        try flag("preserve_thinking")
        try flag("clear_thinking")
        if asked != nil, model.thinking == .never {
            throw Refusal(
                status: 400,
                code: "InvalidParameter.NotSupportEnableThinking",
                message: "The model \(model.name) does not support enable_thinking.",
                mayComeAsEvent: true
            )
        }
        if asked == false, model.thinking == .always {
            throw .algorithm("The value of the enable_thinking parameter is restricted to True.")
        }
        if !request.streams { try checkStreamRule() }
        if let budget = try integer("thinking_budget"), !(1...model.maximumThinking).contains(budget) {
            throw .algorithm(
                "The thinking_budget parameter must be a positive integer and not greater than \(model.maximumThinking)"
            )
        }
        if !model.reasoningEfforts.isEmpty { try text("reasoning_effort", among: model.reasoningEfforts) }
        if model.thinking != .never, parameters["reasoning_effort"] != nil, parameters["thinking_budget"] != nil {
            throw .algorithm("'reasoning_effort' and 'thinking_budget' cannot be set simultaneously")
        }
        try checkFormat()
    }

    private func checkStreamRule() throws(Refusal) {
        switch model.streamRule {
        case .optional: return
        case .required:
            throw .algorithm(
                "This model only support stream mode, please enable the stream parameter to access the model. "
            )
        case .requiredWhileThinking(let message):
            if request.thinks { throw .algorithm(message) }
        }
    }

    private func checkFormat() throws(Refusal) {
        let incremental = try flag("incremental_output")
        if let format = parameters["result_format"] {
            guard let format = format.string, ["text", "message"].contains(format) else {
                throw .algorithm("result_format must be \"text\" or \"message\"")
            }
        }
        if request.usesTextFormat, request.thinks {
            throw .algorithm("result_format must be \"message\" when enable_thinking is true")
        }
        if request.usesTextFormat, !request.tools.isEmpty {
            throw .algorithm("result_format must be \"message\" when tools are used")
        }
        guard request.streams else { return }
        if incremental == false, model.refusesCumulativeOutput {
            throw .algorithm("The incremental_output parameter of this model cannot be set to False.")
        }
        if request.thinks, !request.isIncremental {
            throw .algorithm("The incremental_output parameter must be \"true\" when enable_thinking is true")
        }
    }
}
