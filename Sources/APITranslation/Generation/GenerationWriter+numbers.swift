import JSONBytes

/// Numbers with bounds; `param` is the caller's name of the field.
extension GenerationWriter {
    static func number(_ value: JSONValue, _ param: String, _ range: ClosedRange<Double>) throws(APIError) -> Double {
        guard let number = value.double else { throw .wrongType(param, expected: "number", got: value) }
        guard number >= range.lowerBound else {
            throw .invalidRequest(
                "Invalid '\(param)': decimal below minimum value. Expected a value >= \(plain(range.lowerBound)), but got \(short(value)) instead.",
                param: param,
                code: "decimal_below_min_value"
            )
        }
        guard number <= range.upperBound else {
            throw .invalidRequest(
                "Invalid '\(param)': decimal above maximum value. Expected a value <= \(plain(range.upperBound)), but got \(short(value)) instead.",
                param: param,
                code: "decimal_above_max_value"
            )
        }
        return number
    }

    private static func plain(_ number: Double) -> String {
        number == number.rounded() ? String(Int(number)) : String(number)
    }

    static func integer(_ value: JSONValue, _ param: String, atLeast minimum: Int, atMost maximum: Int? = nil)
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

    // MARK: - Sampling

    mutating func writeTemperature(_ value: JSONValue) throws(APIError) {
        guard try Self.number(value, "temperature", 0...2) >= 2 else { return parameter("temperature", value) }
        adjust("temperature", from: Self.short(value), to: "1.99", "must be below 2")
        parameter("temperature", text: "1.99")
    }

    mutating func writeTopP(_ value: JSONValue) throws(APIError) {
        guard try Self.number(value, "top_p", 0...1) == 0 else { return parameter("top_p", value) }
        adjust("top_p", from: Self.short(value), to: "0.000001", "must be above 0")
        parameter("top_p", text: "0.000001")
    }

    mutating func writePresencePenalty(_ value: JSONValue) throws(APIError) {
        _ = try Self.number(value, "presence_penalty", -2...2)
        parameter("presence_penalty", value)
    }

    /// Checks `frequency_penalty` and reports it.
    mutating func reportFrequencyPenalty(_ value: JSONValue) throws(APIError) {
        guard try Self.number(value, "frequency_penalty", -2...2) != 0 else { return }
        adjust("frequency_penalty", from: Self.short(value), to: "none", "no counterpart upstream")
    }

    /// Writes how many answers are wanted, and returns it.
    mutating func writeChoices(_ value: JSONValue) throws(APIError) -> Int {
        let count = try Self.integer(value, "n", atLeast: 1, atMost: 4)
        if count > 1 { parameter("n", integer: value, param: "n") }
        return count
    }

    mutating func writeStop(_ value: JSONValue) throws(APIError) {
        for (index, element) in value.elements.enumerated() {
            // Token ids, alone or in lists, are DashScope's extension.
            guard element.kind == .string || element.kind == .number || element.kind == .array else {
                throw .wrongType("stop[\(index)]", expected: "string", got: element)
            }
        }
        parameter("stop", value)
    }

    mutating func writeSeed(_ value: JSONValue) {
        guard let seed = value.integer, seed < 0 else { return parameter("seed", integer: value, param: "seed") }
        guard seed != -1 else { return adjust("seed", from: "-1", to: "none", "means no seed") }
        let positive = seed & 0x7FFF_FFFF
        adjust("seed", from: "\(seed)", to: "\(positive)", "must not be negative")
        parameter("seed", text: "\(positive)")
    }

    mutating func writeLogitBias(_ value: JSONValue) throws(APIError) {
        for member in value.members where !member.value.isNull && member.value.kind != .number {
            throw .wrongType(
                "logit_bias.\(Self.memberName(member.name))",
                expected: "number",
                got: member.value
            )
        }
        parameter("logit_bias", value)
    }

    mutating func writeTopLogprobs(_ value: JSONValue) throws(APIError) {
        guard try Self.integer(value, "top_logprobs", atLeast: 0, atMost: 20) > 5 else {
            return parameter("top_logprobs", integer: value, param: "top_logprobs")
        }
        adjust("top_logprobs", from: Self.short(value), to: "5", "must be at most 5")
        parameter("top_logprobs", text: "5")
    }

    /// A limit of reasoning and answer together, under the name the model knows for it.
    mutating func writeTotalLimit(_ value: JSONValue, param: String) {
        if model.traits.takesMaxCompletionTokens {
            parameter("max_completion_tokens", integer: value, param: param)
        } else {
            if thinking.mayThink {
                adjust(
                    param,
                    from: Self.short(value),
                    to: "max_tokens=\(Self.short(value))",
                    "the model limits the answer without its reasoning"
                )
            }
            parameter("max_tokens", integer: value, param: param)
        }
    }
}
