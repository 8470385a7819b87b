/// Makes the answer of a conversation, always the same for the same request.
struct AnswerComposer {
    let request: NativeRequest
    /// Tells whether a prefix with a cache marker was seen before, and remembers it.
    var remembersPrefix: (String) -> Bool = { _ in false }

    private var parameters: JSON { request.parameters }
    private var lastUserText: String { request.messages.last { $0.role == "user" }?.text ?? "" }

    func answer() -> Answer {
        var answer = Answer(choices: [], usage: meter())
        answer.toolCalls = ToolCaller(request: request).calls()
        if request.thinks { answer.reasoning = reasoning() }
        let count = max(1, parameters["n"]?.int ?? 1)
        answer.choices = (0..<count).map { choice(at: $0, of: &answer) }
        if !answer.toolCalls.isEmpty { answer.choices = [toolChoice()] }
        addSpecialties(to: &answer)
        cutInsideReasoning(&answer)
        return answer
    }

    private func toolChoice() -> Answer.Choice {
        // A forced call ends with "stop", as recorded.
        let isForced = parameters["tool_choice"]?.members != nil || request.fault == .toolsFinishStop
        return Answer.Choice(text: "", finishReason: isForced ? "stop" : "tool_calls")
    }

    // MARK: Text

    private func choice(at index: Int, of answer: inout Answer) -> Answer.Choice {
        var text = text()
        if index > 0 { text += " (choice \(index))" }
        if case .fast(let events) = request.fault { text = (0..<events).map { "\($0) " }.joined() }
        if request.fault == .megabyteEvent { text = String(repeating: "0123456789abcdef", count: 1 << 16) + text }
        if request.fault == .splitUTF8 { text += " — 你好，世界 🌊" }
        if let end = firstStop(in: text) { text = String(text[..<end]) }
        guard let limit = textLimit(reasoning: answer.reasoning), Tokens.count(text) > limit else {
            return Answer.Choice(text: text, finishReason: "stop")
        }
        return Answer.Choice(text: Tokens.prefix(text, count: limit), finishReason: "length")
    }

    private func text() -> String {
        let messages = request.messages
        if let results = toolResults(messages) { return results }
        if let formatted = formattedText() { return formatted }
        switch request.model.kind {
        case .translation:
            let options = parameters["translation_options"]
            let source = options?["source_lang"]?.string ?? "auto"
            return "[\(source) to \(options?["target_lang"]?.string ?? "English")] Echo: \(lastUserText)"
        case .document where parameters["skill"] != nil: return "https://example.com/slides.pptx"
        default: break
        }
        let media = messages.filter { $0.role == "user" }.flatMap(\.media)
        var text = media.isEmpty ? "" : "Received \(media.map(\.description).joined(separator: "; ")). "
        if messages.last?.role == "assistant", messages.last?.isPartial == true { text += "and so on. " }
        if parameters["enable_search"]?.bool == true { text += searchMark() }
        if request.fault == .namesKey { text += "Key \(request.keyHash). " }
        return text + "Echo: \(lastUserText)"
    }

    private func toolResults(_ messages: [Message]) -> String? {
        guard messages.last?.role == "tool" else { return nil }
        let names = Dictionary(messages.flatMap(\.toolCalls).map { ($0.id, $0.name) }) { first, _ in first }
        let results = messages.reversed().prefix { $0.role == "tool" }.reversed()
        return "Tool results: "
            + results.map { "\(names[$0.toolCallID ?? ""] ?? "tool") said \"\($0.text)\"" }.joined(separator: "; ")
    }

    private func formattedText() -> String? {
        let format = parameters["response_format"]
        switch format?["type"]?.string {
        case "json_object": return (["echo": .string(lastUserText), "ok": true] as JSON).spacedText
        case "json_schema":
            let schema = format?["json_schema"]?["schema"] ?? ["type": "object"]
            return SchemaFiller(root: schema, words: [lastUserText]).value().spacedText
        default: return nil
        }
    }

    private func searchMark() -> String {
        let options = parameters["search_options"]
        guard options?["enable_source"]?.bool == true, options?["enable_citation"]?.bool == true else {
            return "I searched. "
        }
        return options?["citation_format"]?.string == "[ref_<number>]" ? "I searched [ref_1]. " : "I searched [1]. "
    }

    // MARK: Limits

    private func firstStop(in text: String) -> String.Index? {
        let stops = parameters["stop"]?.string.map { [$0] } ?? parameters["stop"]?.array?.compactMap(\.string) ?? []
        return stops.filter { !$0.isEmpty }.compactMap { text.firstRange(of: $0)?.lowerBound }.min()
    }

    /// How many tokens the visible answer may have.
    private func textLimit(reasoning: String) -> Int? {
        var limits: [Int] = []
        if let limit = parameters["max_tokens"]?.int { limits.append(limit) }
        if request.model.honoursMaxCompletionTokens, let limit = parameters["max_completion_tokens"]?.int {
            limits.append(max(0, limit - Tokens.count(reasoning)))
        }
        return limits.min()
    }

    private func reasoning() -> String {
        let quoted = String(lastUserText.unicodeScalars.prefix(80).map(Character.init))
        let text = "The user says: \"\(quoted)\". I think about it — 嗯 — and then I answer."
        guard let budget = parameters["thinking_budget"]?.int else { return text }
        return Tokens.prefix(text, count: budget)
    }

    /// The limit over reasoning and answer together may fall inside the reasoning.
    private func cutInsideReasoning(_ answer: inout Answer) {
        guard request.model.honoursMaxCompletionTokens, let limit = parameters["max_completion_tokens"]?.int,
            Tokens.count(answer.reasoning) >= limit
        else { return }
        answer.reasoning = Tokens.prefix(answer.reasoning, count: limit)
        answer.toolCalls = []
        answer.choices = answer.choices.map { _ in Answer.Choice(text: "", finishReason: "length") }
    }

    // MARK: Usage

    private func meter() -> UsageMeter {
        var meter = UsageMeter(style: request.model.usageStyle, thinks: request.thinks)
        meter.textInput = 8 + request.messages.reduce(0) { $0 + 4 + Tokens.count($1.text) }
        meter.textInput += request.tools.reduce(0) { $0 + Tokens.count($1.text) }
        for media in request.messages.flatMap(\.media) {
            switch media.kind {
            case .image: meter.imageInput += parameters["vl_high_resolution_images"]?.bool == true ? 2_503 : 1_247
            case .audio: meter.audioInput += 75
            case .video: meter.videoInput += 800
            }
        }
        meter.promptDetails = promptDetails()
        return meter
    }

    private func promptDetails() -> JSON? {
        if let prefix = request.messages.last(where: { $0.cachedPrefix != nil }).flatMap(\.cachedPrefix) {
            let count = Tokens.count(prefix)
            if count >= 1_024 {
                if remembersPrefix(prefix) {
                    return ["cached_tokens": .int(count), "cache_creation_input_tokens": 0, "cache_type": "ephemeral"]
                }
                return [
                    "cached_tokens": 0, "cache_creation_input_tokens": .int(count),
                    "cache_creation": ["ephemeral_5m_input_tokens": .int(count)], "cache_type": "ephemeral",
                ]
            }
        }
        switch (request.model.usageStyle, request.variant(1, of: 3)) {
        case (.minimal, _), (.text, 0): return nil
        case (.detailed, 0): return .object([])
        default: return ["cached_tokens": 0]
        }
    }
}
