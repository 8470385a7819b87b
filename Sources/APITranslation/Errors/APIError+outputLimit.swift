extension APIError {
    /// The model's largest answer, where upstream refused a call because it asked for more; the call can be made again so.
    package var outputLimit: Int? {
        guard origin == .upstream, param == "max_tokens" else { return nil }
        let words = "range of max_tokens should be ["
        guard let range = message.lowercased().firstRange(of: words) else { return nil }
        let numbers = message.lowercased()[range.upperBound...].prefix { $0 != "]" }.split(separator: ",")
        return numbers.count == 2 ? Int(numbers[1].filter { $0 != " " }) : nil
    }
}
