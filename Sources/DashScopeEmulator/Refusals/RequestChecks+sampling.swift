extension RequestChecks {
    func checkSampling() throws(Refusal) {
        if let temperature = try number("temperature"), !(temperature >= 0 && temperature < 2) {
            throw .algorithm("Temperature should be in [0.0, 2.0)")
        }
        if let topP = try number("top_p"), !(topP > 0 && topP <= 1) {
            throw .algorithm("Range of top_p should be (0.0, 1.0]")
        }
        // A null switches this one off.
        if parameters["top_k"]?.isNull != true, let topK = try integer("top_k"), topK < 0 {
            throw .algorithm("Parameter top_k be greater than or equal to 0")
        }
        if let seed = parameters["seed"] {
            guard let seed = seed.int, seed >= 0 else {
                throw .algorithm("Range of seed should be [0, 9223372036854775807]")
            }
        }
        if let penalty = try number("repetition_penalty"), penalty <= 0 {
            throw .algorithm("Repetition_penalty should be greater than 0.0")
        }
        if let penalty = try number("presence_penalty"), !(-2...2).contains(penalty) {
            throw .algorithm("Presence_penalty should be in [-2.0, 2.0]")
        }
        try checkChoices()
        try checkLogprobs()
        if let bias = try object("logit_bias") {
            for member in bias.members ?? [] {
                guard Int(member.name) != nil, let value = member.value.number, (-100...100).contains(value) else {
                    throw .algorithm("logit_bias must map token ids to values in [-100, 100]")
                }
            }
        }
    }

    private func checkChoices() throws(Refusal) {
        guard let count = try integer("n") else { return }
        guard (1...4).contains(count) else { throw .algorithm("Range of n should be [1, 4]") }
        guard count > 1 else { return }
        if !request.tools.isEmpty { throw .algorithm("The n parameter must be 1 when tools are used") }
        if !model.choosesAmongSeveral || request.thinks {
            throw .algorithm("The n parameter of this model must be 1")
        }
    }

    private func checkLogprobs() throws(Refusal) {
        let logprobs = try flag("logprobs") ?? false
        guard let count = try integer("top_logprobs") else { return }
        guard (0...5).contains(count) else { throw .algorithm("Range of top_logprobs should be [0, 5]") }
        if !logprobs { throw .algorithm("top_logprobs requires logprobs to be true") }
    }

    func checkLengths() throws(Refusal) {
        if let count = try integer("max_tokens"), !(1...model.maximumOutput).contains(count) {
            throw .algorithm("Range of max_tokens should be [1, \(model.maximumOutput)]")
        }
        if let count = try integer("max_completion_tokens"), count < 1 {
            throw .algorithm("Range of max_completion_tokens should be [1, \(model.maximumOutput)]")
        }
        try checkStop()
        let length = request.messages.reduce(0) { $0 + Tokens.count($1.text) }
        if length > model.maximumInput {
            throw .algorithm("Range of input length should be [1, \(model.maximumInput)]")
        }
    }

    private func checkStop() throws(Refusal) {
        let complaint = Refusal.algorithm(
            "Stop parameter type must be a string, a list of strings, a list of token ids or a list of such lists"
        )
        switch parameters["stop"] {
        case nil, .string: return
        case .array(let items):
            let areStrings = items.allSatisfy { $0.string != nil }
            let areIDs = items.allSatisfy { $0.int != nil }
            let areLists = items.allSatisfy { $0.array?.allSatisfy { $0.int != nil } == true }
            guard areStrings || areIDs || areLists else { throw complaint }
        default: throw complaint
        }
    }
}
