// The same answer as a stream.
extension NativeReply {
    /// One thing that is new in an event.
    private enum Piece {
        case reasoning(String)
        case content(String)
        case call(Int, id: String?, name: String?, arguments: String?)
    }

    /// The events of a stream with increments of any size, or with all the text so far in each.
    func events(using random: inout SeededGenerator) -> [String] {
        var queues = choices.map { pieces(of: $0, using: &random) }
        var seen = choices.map { _ in Choice() }
        var events: [String] = []
        if searchInfo != nil, random.chance(30) {
            events.append(event(choice: 0, Choice(), finish: nil, search: searchInfo, usage: "{}", using: &random))
        }
        var hasSearch = !events.isEmpty
        while let index = queues.indices.filter({ !queues[$0].isEmpty }).randomElement(using: &random) {
            var delta = Choice()
            delta.calls = []
            let count = random.chance(60) ? 1 : Int.random(in: 1...3, using: &random)
            for piece in queues[index].prefix(count) { apply(piece, to: &delta, seen: &seen[index]) }
            queues[index].removeFirst(min(count, queues[index].count))
            let isLast = queues[index].isEmpty && random.chance(50)
            let shown = isCumulative ? seen[index] : delta
            events.append(
                event(
                    choice: index,
                    shown,
                    finish: isLast ? choices[index].finish : nil,
                    search: hasSearch ? "{\"extra_tool_info\":[],\"search_results\":[]}" : searchInfo,
                    usage: usageText(index, final: isLast),
                    using: &random
                )
            )
            hasSearch = hasSearch || searchInfo != nil
            if queues[index].isEmpty, !isLast {
                events.append(
                    event(
                        choice: index,
                        isCumulative ? seen[index] : Choice(),
                        finish: choices[index].finish,
                        search: nil,
                        usage: usageText(index, final: true),
                        using: &random
                    )
                )
            }
        }
        for index in choices.indices where pieceCount(choices[index]) == 0 {
            events.append(
                event(
                    choice: index,
                    Choice(),
                    finish: choices[index].finish,
                    search: hasSearch ? nil : searchInfo,
                    usage: usageText(index, final: true),
                    using: &random
                )
            )
            hasSearch = true
        }
        return events
    }

    private func pieceCount(_ choice: Choice) -> Int {
        choice.content.unicodeScalars.count + choice.reasoning.unicodeScalars.count + choice.calls.count
    }

    private func usageText(_ index: Int, final: Bool) -> String {
        let output = final ? outputTokens[index] : outputTokens[index] / 2
        return "{\"input_tokens\":\(inputTokens),\"output_tokens\":\(output),"
            + "\"total_tokens\":\(inputTokens + output),\"prompt_tokens_details\":{\"cached_tokens\":3}}"
    }

    private func pieces(of choice: Choice, using random: inout SeededGenerator) -> [Piece] {
        var pieces: [Piece] = Self.cut(choice.reasoning, using: &random).map { .reasoning($0) }
        pieces += Self.cut(choice.content, using: &random).map { .content($0) }
        for (index, call) in choice.calls.enumerated() {
            let separately = random.chance(30)
            pieces.append(.call(index, id: call.id, name: separately ? nil : call.name, arguments: nil))
            if separately { pieces.append(.call(index, id: nil, name: call.name, arguments: nil)) }
            for part in Self.cut(call.arguments, using: &random) {
                let repeats = random.chance(30)
                pieces.append(
                    .call(index, id: repeats ? call.id : "", name: repeats ? call.name : nil, arguments: part)
                )
            }
            if random.chance(30) { pieces.append(.call(index, id: "", name: nil, arguments: "")) }
        }
        return pieces
    }

    static func cut(_ text: String, using random: inout SeededGenerator) -> [String] {
        var parts: [String] = []
        var rest = text.unicodeScalars[...]
        while !rest.isEmpty {
            let part = rest.prefix(Int.random(in: 1...6, using: &random))
            parts.append(String(part))
            rest = rest.dropFirst(part.count)
        }
        return parts
    }

    private func apply(_ piece: Piece, to delta: inout Choice, seen: inout Choice) {
        switch piece {
        case .reasoning(let text):
            delta.reasoning += text
            seen.reasoning += text
        case .content(let text):
            delta.content += text
            seen.content += text
        case .call(let index, let id, let name, let arguments):
            while seen.calls.count <= index { seen.calls.append(Call(id: "", name: "", arguments: "")) }
            if let id, !id.isEmpty { seen.calls[index].id = id }
            if let name { seen.calls[index].name = name }
            seen.calls[index].arguments += arguments ?? ""
            // The position of the call travels in the name of the delta's entry, see `event`.
            delta.calls.append(Call(id: id ?? "", name: "\(index):\(name ?? "")", arguments: arguments ?? ""))
        }
    }

    private func event(
        choice index: Int,
        _ shown: Choice,
        finish: String?,
        search: String?,
        usage: String,
        using random: inout SeededGenerator
    ) -> String {
        var members = ["\"role\":\"assistant\""]
        if isMultimodal {
            members.append(
                shown.content.isEmpty ? "\"content\":[]" : "\"content\":[{\"text\":\(Self.quote(shown.content))}]"
            )
        } else {
            members.append("\"content\":\(Self.quote(shown.content))")
        }
        if !shown.reasoning.isEmpty || random.chance(30) {
            members.append("\"reasoning_content\":\(Self.quote(shown.reasoning))")
        }
        if !shown.calls.isEmpty {
            let calls = shown.calls.enumerated().map { position, call in
                let parts = call.name.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
                let number = parts.count == 2 ? String(parts[0]) : String(position)
                let name = parts.count == 2 ? String(parts[1]) : call.name
                let nameMember = name.isEmpty ? "" : "\"name\":\"\(name)\","
                return "{\"index\":\(number),\"id\":\"\(call.id)\",\"type\":\"function\",\"function\":{\(nameMember)"
                    + "\"arguments\":\(Self.quote(call.arguments))}}"
            }
            members.append("\"tool_calls\":[" + calls.joined(separator: ",") + "]")
        }
        members.shuffle(using: &random)
        let finishText = finish.map { "\"\($0)\"" } ?? (random.chance(80) ? "\"null\"" : "null")
        let indexText = choices.count > 1 || random.chance(30) ? "\"index\":\(index)," : ""
        var output = ["\"choices\":[{\(indexText)\"message\":{\(members.joined(separator: ","))},"]
        output[0] += "\"finish_reason\":\(finishText)}]"
        if let search { output.append("\"search_info\":\(search)") }
        output.shuffle(using: &random)
        var top = [
            "\"output\":{\(output.joined(separator: ","))}", "\"usage\":\(usage)",
            "\"request_id\":\"\(Self.requestID)\"",
        ]
        top.shuffle(using: &random)
        return "{\(top.joined(separator: ","))}"
    }
}
