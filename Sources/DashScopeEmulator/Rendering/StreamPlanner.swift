/// Divides an answer into what the events of a stream add, in the recorded shapes.
struct StreamPlanner {
    let request: NativeRequest
    let answer: Answer

    private var isMultimodal: Bool { request.model.path == .multimodal }

    func deltas() -> [Delta] {
        if answer.choices.count > 1 { return severalChoices() }
        var deltas = reasoning()
        if answer.toolInfo != nil { deltas += codeInterpreter() }
        if answer.toolCalls.isEmpty {
            appendText(to: &deltas)
        } else {
            deltas += textPieces(answer.choices[0].text, seed: request.hash &+ 1).map { Delta(text: $0) }
            deltas += calls()
            finishCalls(&deltas)
        }
        addSearch(to: &deltas)
        return deltas
    }

    private func reasoning() -> [Delta] {
        Tokens.pieces(of: answer.reasoning, seed: request.hash).map { Delta(reasoning: $0) }
    }

    private func appendText(to deltas: inout [Delta]) {
        guard let choice = answer.choices.first else { return }
        var pieces = textPieces(choice.text, seed: request.hash &+ 1)
        let extra = deltas.last?.extraInput ?? 0
        // The multimodal path may put the last piece of reasoning and the first text into one event.
        if isMultimodal, answer.toolInfo == nil, let last = deltas.last, !last.reasoning.isEmpty, !pieces.isEmpty {
            deltas[deltas.count - 1].text = pieces.removeFirst()
        }
        deltas += pieces.map { Delta(text: $0, toolInfo: answer.toolInfo, extraInput: extra) }
        if request.fault == .thinksTwice, !answer.reasoning.isEmpty, pieces.count > 1 {
            deltas.insert(Delta(reasoning: ReplyRenderer.secondThought), at: deltas.count - pieces.count / 2)
        }
        let endsWithText = request.variant(2, of: 2) == 0 && !deltas.isEmpty && !choice.text.isEmpty
        if endsWithText {
            deltas[deltas.count - 1].finishReason = choice.finishReason
        } else {
            deltas.append(Delta(finishReason: choice.finishReason, toolInfo: answer.toolInfo, extraInput: extra))
        }
    }

    private func textPieces(_ text: String, seed: UInt64) -> [String] {
        if case .fast(let events) = request.fault {
            return events == 0 ? [] : text.split(separator: " ").map { $0 + " " }
        }
        if request.fault == .megabyteEvent {
            return [String(text.prefix(1 << 20))] + Tokens.pieces(of: String(text.dropFirst(1 << 20)), seed: seed)
        }
        return Tokens.pieces(of: text, seed: seed)
    }

    private func severalChoices() -> [Delta] {
        let plans = answer.choices.enumerated().map { index, choice in
            Tokens.pieces(of: choice.text, seed: request.hash &+ UInt64(index)).map { Delta(choice: index, text: $0) }
                + [Delta(choice: index, finishReason: choice.finishReason)]
        }
        // The choices take turns and finish independently.
        return (0..<(plans.map(\.count).max() ?? 0)).flatMap { turn in
            plans.compactMap { $0.indices.contains(turn) ? $0[turn] : nil }
        }
    }

    // MARK: Tools

    private func calls() -> [Delta] {
        if request.fault == .interleavedCalls { return interleavedCalls() }
        return isMultimodal ? overlappingCalls() : separateCalls()
    }

    /// One piece of each call in turn.
    private func interleavedCalls() -> [Delta] {
        let plans = answer.toolCalls.indices.map { index in
            separateCalls().filter { $0.fragments.first?.index == index }
        }
        return (0..<(plans.map(\.count).max() ?? 0)).flatMap { turn in
            plans.compactMap { $0.indices.contains(turn) ? $0[turn] : nil }
        }
    }

    private func argumentPieces(_ call: ToolCall, index: Int) -> [String] {
        if request.fault == .recursiveArguments { return RecursiveArguments.pieces(at: index) }
        return Tokens.pieces(of: call.arguments, seed: request.hash &+ UInt64(index))
    }

    /// The text path: every call in events of its own, the opening with the first piece.
    private func separateCalls() -> [Delta] {
        answer.toolCalls.enumerated().flatMap { index, call in
            argumentPieces(call, index: index).enumerated().map { position, piece in
                Delta(fragments: [.init(index: index, opening: position == 0 ? call : nil, arguments: piece)])
            }
        }
    }

    /// The multimodal path: openings without arguments; one event may close a call and open the next.
    private func overlappingCalls() -> [Delta] {
        var deltas: [Delta] = []
        for (index, call) in answer.toolCalls.enumerated() {
            let opening = Delta.Fragment(index: index, opening: call, arguments: "")
            let closing = Delta.Fragment(index: index - 1, arguments: "")
            deltas.append(Delta(fragments: index == 0 ? [opening] : [closing, opening]))
            deltas += argumentPieces(call, index: index).map {
                Delta(fragments: [.init(index: index, arguments: $0)])
            }
        }
        return deltas
    }

    private func finishCalls(_ deltas: inout [Delta]) {
        guard let reason = answer.choices.first?.finishReason, !deltas.isEmpty else { return }
        if isMultimodal, request.variant(3, of: 2) == 0 {
            deltas.append(Delta(finishReason: reason))
        } else {
            deltas[deltas.count - 1].finishReason = reason
        }
    }

    // MARK: Built-in tools

    private func addSearch(to deltas: inout [Delta]) {
        guard let info = answer.searchInfo else { return }
        if answer.prependsSearch {
            let empty: JSON = ["extra_tool_info": [], "search_results": []]
            for index in deltas.indices { deltas[index].searchInfo = empty }
            deltas.insert(Delta(searchInfo: info, lacksUsage: true), at: 0)
            return
        }
        for index in deltas.indices where !deltas[index].text.isEmpty { deltas[index].searchInfo = info }
    }

    /// Idle events while the code runs, then a second round of reasoning; the input grows by what the code printed.
    private func codeInterpreter() -> [Delta] {
        let idle = Delta(toolInfo: answer.toolInfo)
        var after = Delta(toolInfo: answer.toolInfo, extraInput: 442)
        if !answer.reasoning.isEmpty { after.reasoning = " The code printed 1024." }
        return [idle, idle, idle, after]
    }
}
