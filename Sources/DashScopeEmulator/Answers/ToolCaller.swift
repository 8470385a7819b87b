/// Decides which tools are called, always in the same way for the same request.
///
/// A tool is called where the object form of `tool_choice` names it, or where the last message is a user's that mentions
/// a tool's name or one of a few words such as "weather".
struct ToolCaller {
    let request: NativeRequest

    private static let triggers = [
        "weather", "time", "tool", "function", "call", "temperature", "search", "look up", "calculate", "add", "book",
        "天气", "时间",
    ]

    /// The calls of this answer; empty where text is the answer.
    func calls() -> [ToolCall] {
        let tools = request.tools.compactMap { $0["function"] }
        guard !tools.isEmpty, let last = request.messages.last, last.role == "user" else { return forced(tools) }
        if request.parameters["tool_choice"]?.members != nil { return forced(tools) }
        if request.parameters["tool_choice"]?.string == "none" { return [] }
        let text = last.text.lowercased()
        var chosen = tools.filter { tool in
            let name = (tool["name"]?.string ?? "").lowercased()
            return text.contains(name) || text.contains(name.replacing("_", with: " "))
        }
        if chosen.isEmpty {
            let words = Self.triggers.filter(text.contains)
            guard !words.isEmpty else { return [] }
            chosen = tools.filter { tool in words.contains { (tool["name"]?.string ?? "").lowercased().contains($0) } }
            if chosen.isEmpty { chosen = Array(tools.prefix(1)) }
        }
        return calls(of: chosen, subjects: Self.subjects(in: last.text))
    }

    private func forced(_ tools: [JSON]) -> [ToolCall] {
        guard request.messages.last?.role == "user",
            let name = request.parameters["tool_choice"]?["function"]?["name"]?.string,
            let tool = tools.first(where: { $0["name"]?.string == name })
        else { return [] }
        return [call(of: tool, words: Self.subjects(in: request.messages.last?.text ?? ""), at: 0)]
    }

    private func calls(of tools: [JSON], subjects: [String]) -> [ToolCall] {
        guard request.parameters["parallel_tool_calls"]?.bool == true else {
            return tools.prefix(1).map { call(of: $0, words: subjects, at: 0) }
        }
        // "Weather in Hangzhou and Shanghai?" asks twice for the same tool.
        if let tool = tools.first, tools.count == 1, subjects.count > 1 {
            return subjects.prefix(4).enumerated().map { call(of: tool, words: [$1], at: $0) }
        }
        return tools.enumerated().map { call(of: $1, words: subjects, at: $0) }
    }

    private func call(of tool: JSON, words: [String], at index: Int) -> ToolCall {
        let schema = tool["parameters"] ?? .object([])
        let takesNothing = schema["properties"]?.members?.isEmpty ?? true
        let arguments = takesNothing ? JSON.object([]) : SchemaFiller(root: schema, words: words).value()
        let digits = request.requestID.filter { $0 != "-" }
        // Older models write 22 digits, newer ones 24.
        let length = request.model.path == .text ? 22 : 24
        let id = String((String(index) + digits).prefix(length))
        return ToolCall(id: "call_" + id, name: tool["name"]?.string ?? "", arguments: arguments.spacedText)
    }

    /// Words with a capital that do not begin a sentence: most likely what the question is about.
    static func subjects(in text: String) -> [String] {
        var subjects: [String] = []
        var beginsSentence = true
        for word in text.split(whereSeparator: \.isWhitespace) {
            let letters = word.filter { $0.isLetter || $0.isNumber }
            if !beginsSentence, letters.first?.isUppercase == true, letters.count > 1, !word.contains("_") {
                subjects.append(String(letters))
            }
            beginsSentence = word.last.map { ".!?:".contains($0) } ?? false
        }
        return subjects
    }
}
