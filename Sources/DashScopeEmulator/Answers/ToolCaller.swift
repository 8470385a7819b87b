/// Decides which tools are called, always in the same way for the same request.
///
/// A tool is called where the object form of `tool_choice` names it, where a script says so, or where the last message
/// is a user's that mentions a tool's name or one of a few words such as "weather". Frameworks that want their answer
/// as the call of an output tool get that call wherever text would be the answer.
struct ToolCaller {
    let request: NativeRequest

    private static let triggers = [
        "weather", "time", "tool", "function", "call", "temperature", "search", "look up", "calculate", "add", "book",
        "天气", "时间",
    ]

    /// The calls of this answer; empty where text is the answer.
    func calls() -> [ToolCall] {
        let tools = request.tools.compactMap { $0["function"] }
        guard !tools.isEmpty, let last = request.turns.last, request.parameters["tool_choice"]?.string != "none" else {
            return []
        }
        if request.parameters["tool_choice"]?.members != nil { return forced(tools, last: last) }
        if let (script, done) = ToolScript.running(in: request.turns) {
            return script.steps.indices.contains(done) ? scripted(script.steps[done], tools) : []
        }
        let isAnswer = last.role == "tool" || Self.isObservation(last)
        let chosen = last.role == "user" && !isAnswer ? mentioned(tools, in: last.question) : []
        if !chosen.isEmpty { return calls(of: chosen, subjects: QuestionWords(last.question)) }
        guard let output = outputTool(tools, last: last) else { return [] }
        return [
            call(of: output, about: isAnswer ? QuestionWords(names: [last.text]) : QuestionWords(last.question), at: 0)
        ]
    }

    private func mentioned(_ tools: [JSON], in question: String) -> [JSON] {
        let text = question.lowercased()
        let tools = tools.filter { !Self.isOutput($0) }
        let named = tools.filter { tool in
            let name = (tool["name"]?.string ?? "").lowercased()
            return text.contains(name) || text.contains(name.replacing("_", with: " "))
        }
        if !named.isEmpty { return named }
        let words = Self.triggers.filter(text.contains)
        guard !words.isEmpty else { return [] }
        let alike = tools.filter { tool in words.contains { (tool["name"]?.string ?? "").lowercased().contains($0) } }
        return alike.isEmpty ? Array(tools.prefix(1)) : alike
    }

    private func forced(_ tools: [JSON], last: Message) -> [ToolCall] {
        guard let name = request.parameters["tool_choice"]?["function"]?["name"]?.string,
            let tool = tools.first(where: { $0["name"]?.string == name }),
            last.role == "user" || Self.isOutput(tool)
        else { return [] }
        return [
            call(
                of: tool,
                about: last.role == "user" ? QuestionWords(last.question) : QuestionWords(names: [last.text]),
                at: 0
            )
        ]
    }

    private func scripted(_ step: [ToolScript.Call], _ tools: [JSON]) -> [ToolCall] {
        let offered = Set(tools.compactMap { $0["name"]?.string })
        let calls = step.filter { offered.contains($0.name) }.enumerated().map {
            ToolCall(id: id(at: $0), name: $1.name, arguments: $1.arguments)
        }
        return request.parameters["parallel_tool_calls"]?.bool == true ? calls : Array(calls.prefix(1))
    }

    // MARK: Output tools

    /// The tool that takes the answer: by its name, or the first one not called yet where the prompt asks for a call.
    private func outputTool(_ tools: [JSON], last: Message) -> JSON? {
        if let tool = tools.first(where: Self.isOutput) { return tool }
        guard asksForCall, last.role == "user" || last.role == "tool" else { return nil }
        let start = request.turns.lastIndex { $0.role == "user" } ?? 0
        let called = Set(request.turns[start...].flatMap(\.toolCalls).map(\.name))
        return tools.first { !called.contains($0["name"]?.string ?? "") }
    }

    private static func isOutput(_ tool: JSON) -> Bool {
        let name = tool["name"]?.string ?? ""
        return name == "final_answer" || name.hasPrefix("final_result")
    }

    /// Whether a user's message is a tool's result as smolagents writes it.
    private static func isObservation(_ message: Message) -> Bool {
        message.role == "user" && message.text.hasPrefix("Observation")
    }

    /// Whether the system message ends with the wish that a tool be called.
    private var asksForCall: Bool {
        let text = request.messages.filter { $0.role == "system" }.map(\.text).joined(separator: "\n").lowercased()
        let sentences = text.split(whereSeparator: { ".!\n".contains($0) }).suffix(2)
        return sentences.contains { sentence in
            sentence.contains("call") && ["tool", "function"].contains(where: sentence.contains)
                && ["must", "have to", "always", "at least one", "one of"].contains(where: sentence.contains)
        }
    }

    // MARK: Calls

    private func calls(of tools: [JSON], subjects: QuestionWords) -> [ToolCall] {
        guard request.parameters["parallel_tool_calls"]?.bool == true else {
            return tools.prefix(1).map { call(of: $0, about: subjects, at: 0) }
        }
        // "Weather in Hangzhou and Shanghai?" asks twice for the same tool.
        if let tool = tools.first, tools.count == 1, subjects.names.count > 1 {
            return subjects.names.prefix(4).enumerated().map {
                call(of: tool, about: QuestionWords(names: [$1]), at: $0)
            }
        }
        return tools.enumerated().map { call(of: $1, about: subjects, at: $0) }
    }

    private func call(of tool: JSON, about subjects: QuestionWords, at index: Int) -> ToolCall {
        let schema = tool["parameters"] ?? .object([])
        let takesNothing = schema["properties"]?.members?.isEmpty ?? true
        let filler = SchemaFiller(root: schema, words: subjects.names, numbers: subjects.numbers)
        let arguments = takesNothing ? JSON.object([]) : filler.value()
        return ToolCall(id: id(at: index), name: tool["name"]?.string ?? "", arguments: arguments.spacedText)
    }

    private func id(at index: Int) -> String {
        let digits = request.requestID.filter { $0 != "-" }
        // Older models write 22 digits, newer ones 24.
        let length = request.model.path == .text ? 22 : 24
        return "call_" + String((String(index) + digits).prefix(length))
    }
}
