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
