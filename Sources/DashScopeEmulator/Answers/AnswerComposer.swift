/// Makes the answer of a conversation, always the same for the same request.
struct AnswerComposer {
    let request: NativeRequest
    let cache: PrefixCache

    var parameters: JSON { request.parameters }
    var lastUserText: String { request.turns.last { $0.role == "user" }?.question ?? "" }

    func answer() -> Answer {
        var answer = Answer(choices: [], usage: meter())
        answer.toolCalls = ToolCaller(request: request).calls()
        if request.thinks { answer.reasoning = reasoning() }
        let count = max(1, parameters["n"]?.int ?? 1)
        answer.choices = (0..<count).map { choice(at: $0, of: &answer) }
        if !answer.toolCalls.isEmpty { answer.choices = [toolChoice()] }
        changeCalls(&answer)
        addSpecialties(to: &answer)
        cutInsideReasoning(&answer)
        return answer
    }

    private func toolChoice() -> Answer.Choice {
        // A forced call ends with "stop", as recorded.
        let isForced = parameters["tool_choice"]?.members != nil || request.fault == .toolsFinishStop
        let running = isForced ? nil : ToolScript.running(in: request.turns)
        let text = running.flatMap { $0.script.words[$0.done] } ?? ""
        return Answer.Choice(text: text, finishReason: isForced ? "stop" : "tool_calls")
    }

    /// Applies the faults that concern tool calls.
    private func changeCalls(_ answer: inout Answer) {
        guard let last = answer.toolCalls.indices.last else { return }
        if request.fault == .recursiveArguments {
            for index in answer.toolCalls.indices {
                answer.toolCalls[index].arguments = RecursiveArguments.text(at: index)
            }
        }
        if request.fault == .lengthInCall {
            let arguments = answer.toolCalls[last].arguments
            answer.toolCalls[last].arguments = String(arguments.prefix(max(1, arguments.count * 2 / 3)))
            answer.choices[0].finishReason = "length"
        }
    }

    // MARK: Text

    private func choice(at index: Int, of answer: inout Answer) -> Answer.Choice {
        var text = text()
        if index > 0 { text += " (choice \(index))" }
        if case .fast(let events) = request.fault { text = (0..<events).map { "\($0) " }.joined() }
        if request.fault == .megabyteEvent { text = String(repeating: "0123456789abcdef", count: 1 << 16) + text }
        if request.fault == .loneSurrogate { text += " \(EmulatorReply.surrogateMark) half a pair" }
        if request.fault == .splitUTF8 { text += " — 你好，世界 🌊" }
        if let end = firstStop(in: text) { text = String(text[..<end]) }
        guard let limit = textLimit(reasoning: answer.reasoning), Tokens.count(text) > limit else {
            return Answer.Choice(text: text, finishReason: "stop")
        }
        return Answer.Choice(text: Tokens.prefix(text, count: limit), finishReason: "length")
    }

    private func text() -> String {
        let turns = request.turns
        if let scripted = scriptedText(turns) { return scripted }
        if turns.last?.role == "tool" { return "Tool results: " + toolResults(turns) }
        if let formatted = formattedText() { return formatted }
        if let middle = filledMiddle() { return middle }
        switch request.model.kind {
        case .translation:
            let options = parameters["translation_options"]
            let source = options?["source_lang"]?.string ?? "auto"
            return "[\(source) to \(options?["target_lang"]?.string ?? "English")] Echo: \(lastUserText)"
        case .speechRecognition: return spoken?.text ?? ""
        case .document where parameters["skill"] != nil: return "https://example.com/slides.pptx"
        default: break
        }
        var text = receivedMedia()
        if turns.last?.role == "assistant", turns.last?.isPartial == true { text += "and so on. " }
        if parameters["enable_search"]?.bool == true { text += searchMark() }
        if request.fault == .namesKey { text += "Key \(request.keyHash). " }
        return text + "Echo: \(lastUserText)"
    }

    /// Names the files of the conversation and the media of the user; empty where there are none.
    func receivedMedia() -> String {
        let media = request.messages.filter { $0.role == "user" }.flatMap(\.media)
        let received = request.documents.map(\.description) + media.map(\.description)
        return received.isEmpty ? "" : "Received \(received.joined(separator: "; ")). "
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
}
