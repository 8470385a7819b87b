import JSONBytes

/// Length, sampling and probabilities.
extension ChatReader {
    mutating func writeSampling() throws(APIError) {
        try writeTokenLimits()
        if let value = fields[.temperature] { try out.writeTemperature(value) }
        if let value = fields[.topP] { try out.writeTopP(value) }
        if let value = fields[.presencePenalty] { try out.writePresencePenalty(value) }
        if let value = fields[.frequencyPenalty] { try out.reportFrequencyPenalty(value) }
        try writeChoices()
        if let value = fields[.seed] { out.writeSeed(value) }
        if let value = fields[.stop], !value.isEmptyContainer { try out.writeStop(value) }
        if let value = fields[.logitBias], !value.isEmptyContainer { try out.writeLogitBias(value) }
        if let value = fields[.logprobs] { out.parameter("logprobs", value) }
        if let value = fields[.topLogprobs] { try out.writeTopLogprobs(value) }
    }

    private mutating func limit(_ id: ChatFieldID, _ param: String) throws(APIError) -> JSONValue? {
        guard let value = fields[id] else { return nil }
        if try GenerationWriter.integer(value, param, atLeast: 0) == 0 {
            out.adjust(param, from: "0", to: "none", "must be at least 1")
            return nil
        }
        return value
    }

    private mutating func writeTokenLimits() throws(APIError) {
        let visible = try limit(.maxTokens, "max_tokens")
        guard let all = try limit(.maxCompletionTokens, "max_completion_tokens") else {
            if let visible { out.parameter("max_tokens", integer: visible, param: "max_tokens") }
            return
        }
        if let visible, visible.integer != all.integer {
            out.adjust(
                "max_tokens",
                from: GenerationWriter.short(visible),
                to: "none",
                "max_completion_tokens is given as well"
            )
        }
        out.writeTotalLimit(all, param: "max_completion_tokens")
    }

    private mutating func writeChoices() throws(APIError) {
        guard let value = fields[.n] else { return }
        let count = try out.writeChoices(value)
        guard count == 1 || !hasTools else { throw .invalidValue("n", "with tools only one choice can be had.") }
    }
}
