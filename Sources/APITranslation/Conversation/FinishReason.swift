import JSONBytes

/// Why a choice ended.
enum FinishReason: Sendable {
    case stop, length, toolCalls, contentFilter
    /// An unknown word.
    case other

    /// Reads the native value; nil while the choice is running.
    ///
    /// DashScope writes the four-letter string "null" in the events of a running answer; JSON null, an empty string
    /// and a missing key mean the same. An unknown word is final, and strict clients know no other words.
    init?(_ value: JSONValue?) {
        guard let value, value.kind == .string, !value.isEmptyString, !value.equals("null") else { return nil }
        if value.equals("stop") {
            self = .stop
        } else if value.equals("length") {
            self = .length
        } else if value.equals("tool_calls") || value.equals("function_call") {
            self = .toolCalls
        } else if value.equals("content_filter") {
            self = .contentFilter
        } else {
            self = .other
        }
    }
}
