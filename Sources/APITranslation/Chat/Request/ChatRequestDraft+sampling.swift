import JSONBytes

/// Length, sampling and probabilities.
extension ChatRequestDraft {
    mutating func writeSampling() throws(APIError) {
        try writeTokenLimits()
        if let value = fields[.temperature] {
            if try number(value, "temperature", 0...2) >= 2 {
                adjust("temperature", from: Self.short(value), to: "1.99", "must be below 2")
                parameter("temperature", text: "1.99")
            } else {
                parameter("temperature", value)
            }
        }
        if let value = fields[.topP] {
            if try number(value, "top_p", 0...1) == 0 {
                adjust("top_p", from: Self.short(value), to: "0.000001", "must be above 0")
                parameter("top_p", text: "0.000001")
            } else {
                parameter("top_p", value)
            }
        }
        if let value = fields[.presencePenalty] {
            _ = try number(value, "presence_penalty", -2...2)
            parameter("presence_penalty", value)
        }
        if let value = fields[.frequencyPenalty], try number(value, "frequency_penalty", -2...2) != 0 {
            adjust("frequency_penalty", from: Self.short(value), to: "none", "no counterpart upstream")
        }
        try writeChoices()
        if let value = fields[.seed] { writeSeed(value) }
        if let value = fields[.stop], !value.isEmptyContainer { try writeStop(value) }
        if let value = fields[.logitBias], !value.isEmptyContainer { parameter("logit_bias", value) }
        try writeProbabilities()
    }

    private func number(_ value: JSONValue, _ param: String, _ range: ClosedRange<Double>) throws(APIError) -> Double {
        guard let number = value.double else { throw .wrongType(param, expected: "number", got: value) }
        let text = Self.short(value)
        guard number >= range.lowerBound else {
            throw .invalidRequest(
                "Invalid '\(param)': decimal below minimum value. Expected a value >= \(Self.plain(range.lowerBound)), but got \(text) instead.",
                param: param,
                code: "decimal_below_min_value"
            )
        }
        guard number <= range.upperBound else {
            throw .invalidRequest(
                "Invalid '\(param)': decimal above maximum value. Expected a value <= \(Self.plain(range.upperBound)), but got \(text) instead.",
                param: param,
                code: "decimal_above_max_value"
            )
        }
        return number
    }

    private static func plain(_ number: Double) -> String {
        number == number.rounded() ? String(Int(number)) : String(number)
    }

    private func integer(_ value: JSONValue, _ param: String, atLeast minimum: Int, atMost maximum: Int? = nil)
        throws(APIError) -> Int
    {
        guard let number = value.integer else { throw .wrongType(param, expected: "integer", got: value) }
        guard number >= minimum else {
            throw .invalidRequest(
                "Invalid '\(param)': integer below minimum value. Expected a value >= \(minimum), but got \(number) instead.",
                param: param,
                code: "integer_below_min_value"
            )
        }
        if let maximum, number > maximum {
            throw .invalidRequest(
                "Invalid '\(param)': integer above maximum value. Expected a value <= \(maximum), but got \(number) instead.",
                param: param,
                code: "integer_above_max_value"
            )
        }
        return number
    }

    private mutating func limit(_ id: ChatFieldID, _ param: String) throws(APIError) -> JSONValue? {
        guard let value = fields[id] else { return nil }
        if try integer(value, param, atLeast: 0) == 0 {
            adjust(param, from: "0", to: "none", "must be at least 1")
            return nil
        }
        return value
    }

    private mutating func writeTokenLimits() throws(APIError) {
        let visible = try limit(.maxTokens, "max_tokens")
        guard let all = try limit(.maxCompletionTokens, "max_completion_tokens") else {
            if let visible { parameter("max_tokens", visible) }
            return
        }
        if let visible, visible.integer != all.integer {
            adjust(
                "max_tokens",
                from: Self.short(visible),
                to: "none",
                "max_completion_tokens is given as well"
            )
        }
        if model.traits.takesMaxCompletionTokens {
            parameter("max_completion_tokens", all)
        } else {
            if thinking.mayThink {
                adjust(
                    "max_completion_tokens",
                    from: Self.short(all),
                    to: "max_tokens=\(Self.short(all))",
                    "the model limits the answer without its reasoning"
                )
            }
            parameter("max_tokens", all)
        }
    }

    private mutating func writeChoices() throws(APIError) {
        guard let value = fields[.n] else { return }
        let count = try integer(value, "n", atLeast: 1, atMost: 4)
        guard count > 1 else { return }
        guard !hasTools else { throw .invalidValue("n", "with tools only one choice can be had.") }
        parameter("n", value)
    }

    private mutating func writeSeed(_ value: JSONValue) {
        guard let seed = value.integer, seed < 0 else { return parameter("seed", value) }
        let positive = seed & 0x7FFF_FFFF
        adjust("seed", from: "\(seed)", to: "\(positive)", "must not be negative")
        parameter("seed", text: "\(positive)")
    }

    private mutating func writeStop(_ value: JSONValue) throws(APIError) {
        for (index, element) in value.elements.enumerated() {
            // Token ids, alone or in lists, are DashScope's extension.
            guard element.kind == .string || element.kind == .number || element.kind == .array else {
                throw .wrongType("stop[\(index)]", expected: "string", got: element)
            }
        }
        parameter("stop", value)
    }

    private mutating func writeProbabilities() throws(APIError) {
        if let value = fields[.logprobs] { parameter("logprobs", value) }
        guard let value = fields[.topLogprobs] else { return }
        if try integer(value, "top_logprobs", atLeast: 0, atMost: 20) > 5 {
            adjust("top_logprobs", from: Self.short(value), to: "5", "must be at most 5")
            parameter("top_logprobs", text: "5")
        } else {
            parameter("top_logprobs", value)
        }
    }
}
