extension AnswerComposer {
    /// The text where a format was asked for, by a parameter or by the prompt.
    func formattedText() -> String? {
        let format = parameters["response_format"]
        let prompt = promptSchema()
        switch format?["type"]?.string {
        case "json_object":
            if let prompt { return filled(prompt.schema).spacedText }
            let keys = QuestionWords.keys(in: lastUserText)
            guard keys.isEmpty else {
                return JSON.object(keys.map { JSON.Member(name: $0, value: .string(lastUserText)) }).spacedText
            }
            return (["echo": .string(lastUserText), "ok": true] as JSON).spacedText
        case "json_schema":
            let schema = format?["json_schema"]?["schema"] ?? ["type": "object"]
            return SchemaFiller(root: schema, words: [lastUserText]).value().spacedText
        default:
            if let prompt {
                let text = filled(prompt.schema).spacedText
                return prompt.wantsFence ? "```json\n\(text)\n```" : text
            }
            return codeText()
        }
    }

    private func promptSchema() -> PromptSchema? {
        let system = request.messages.filter { $0.role == "system" }.map(\.text)
        return PromptSchema(texts: system + [lastUserText])
    }

    /// The question is no good word for a field where it holds the schema itself.
    private func filled(_ schema: JSON) -> JSON {
        SchemaFiller(root: schema, words: PromptSchema(texts: [lastUserText]) == nil ? [lastUserText] : []).value()
    }

    /// The block of code with which an agent that runs code hands over its answer.
    private func codeText() -> String? {
        guard request.messages.first?.role == "system", let system = request.messages.first?.text,
            system.contains("<code>"), system.contains("final_answer(")
        else { return nil }
        return
            "Thought: I know the answer.\n<code>\nfinal_answer(\(JSON.string("Echo: \(lastUserText)").text))\n</code>"
    }

    // MARK: Tools

    /// The answer of a conversation that follows a script; nil where there is none.
    func scriptedText(_ turns: [Message]) -> String? {
        guard let (script, done) = ToolScript.running(in: turns) else { return nil }
        guard done >= script.steps.count else {
            let names = script.steps[done].map(\.name).joined(separator: ", ")
            return "None of these tools is offered: \(names)"
        }
        return receivedMedia() + (script.closing ?? "Tool results: " + toolResults(turns))
    }

    /// Quotes the last results of tools.
    func toolResults(_ turns: [Message]) -> String {
        let names = Dictionary(turns.flatMap(\.toolCalls).map { ($0.id, $0.name) }) { first, _ in first }
        let end = turns.lastIndex { $0.role == "tool" }.map { $0 + 1 } ?? 0
        let results = turns[..<end].reversed().prefix { $0.role == "tool" }.reversed()
        return results.map { "\(names[$0.toolCallID ?? ""] ?? "tool") said \"\($0.text)\"" }.joined(separator: "; ")
    }
}
