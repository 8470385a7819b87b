/// Writes an answer as DashScope's documents: one whole reply, or the events of a stream.
struct ReplyRenderer {
    let request: NativeRequest
    let answer: Answer

    private var isMultimodal: Bool { request.model.path == .multimodal }
    private var hasReasoning: Bool { request.thinks || !answer.reasoning.isEmpty }

    /// The thoughts after half of the text, under the fault that asks for them.
    static let secondThought = " I think again."

    // MARK: Whole

    func whole() -> JSON {
        let reasoning = answer.reasoning + (answer.toolInfo != nil && hasReasoning ? " The code printed 1024." : "")
        let thoughts = request.fault == .thinksTwice && !reasoning.isEmpty ? reasoning + Self.secondThought : reasoning
        let output =
            answer.choices.reduce(Tokens.count(thoughts)) { $0 + Tokens.count($1.text) }
            + answer.toolCalls.reduce(0) { $0 + Tokens.count($1.arguments) }
        let extraInput = answer.toolInfo == nil ? 0 : 442
        return envelope(
            output: wholeOutput(reasoning: thoughts),
            usage: request.fault == .usageEmpty
                ? .object([])
                : answer.usage.document(output: output, reasoning: Tokens.count(thoughts), extraInput: extraInput)
        )
    }

    private func wholeOutput(reasoning: String) -> JSON {
        if request.usesTextFormat, let choice = answer.choices.first {
            return ["finish_reason": .string(choice.finishReason), "text": .string(choice.text)]
        }
        let choices = answer.choices.enumerated().map { index, choice -> JSON in
            var message: JSON = ["role": "assistant"]
            message["content"] = content(choice.text, isLast: true)
            if hasReasoning { message["reasoning_content"] = .string(reasoning) }
            message["annotations"] = answer.annotations
            if !answer.toolCalls.isEmpty {
                message["tool_calls"] = .array(answer.toolCalls.enumerated().map { wholeCall($1, at: $0) })
            }
            var document: JSON = ["finish_reason": .string(endsEarly ? "null" : choice.finishReason)]
            if showsIndex { document["index"] = .int(index) }
            document["message"] = message
            document["logprobs"] = logprobs(choice.text)
            return document
        }
        var output: JSON = ["choices": .array(choices)]
        output["search_info"] = answer.searchInfo
        output["tool_info"] = answer.toolInfo
        if request.model.kind == .translation {
            output["finish_reason"] = answer.choices.first.map { .string($0.finishReason) }
            output["model_name"] = .string(request.model.name)
        }
        return output
    }

    private var endsEarly: Bool { request.fault == .endsEarly }

    // MARK: Stream

    func events() -> [JSON] {
        var state = State(choices: answer.choices.count, calls: answer.toolCalls.count)
        var events = StreamPlanner(request: request, answer: answer).deltas().map { event($0, state: &state) }
        guard request.fault == .lateUsage || request.fault == .lingersWithoutUsage, var last = events.popLast() else {
            return events
        }
        let usage = last["usage"] ?? .object([])
        last["usage"] = .object([])
        events.append(last)
        if request.fault == .lateUsage { events.append(envelope(output: ["choices": []], usage: usage)) }
        return events
    }

    /// The parts that have been sent so far.
    private struct State {
        var reasoning = ""
        var texts: [String]
        var textTokens: [Int]
        var arguments: [String]
        var openCalls = 0

        init(choices: Int, calls: Int) {
            texts = Array(repeating: "", count: max(1, choices))
            textTokens = Array(repeating: 0, count: max(1, choices))
            arguments = Array(repeating: "", count: calls)
        }
    }

    private func event(_ delta: Delta, state: inout State) -> JSON {
        state.reasoning += delta.reasoning
        if request.fault?.isFast != true { state.texts[delta.choice] += delta.text }
        state.textTokens[delta.choice] += Tokens.count(delta.text)
        for fragment in delta.fragments {
            state.arguments[fragment.index] += fragment.arguments
            state.openCalls = max(state.openCalls, fragment.index + 1)
        }
        let repeatsAll = sendsCumulative
        let text = repeatsAll ? state.texts[delta.choice] : delta.text
        let reasoning = repeatsAll ? state.reasoning : delta.reasoning
        return envelope(
            output: eventOutput(delta, text: text, reasoning: reasoning, calls: calls(delta, state: state)),
            usage: usage(delta, state: state)
        )
    }

    private var sendsCumulative: Bool {
        if case .fast = request.fault { return false }
        return !request.isIncremental || request.model.alwaysCumulative || request.fault == .cumulative
    }

    private func usage(_ delta: Delta, state: State) -> JSON {
        if delta.lacksUsage || request.fault == .usageEmpty { return .object([]) }
        let reasoning = Tokens.count(state.reasoning)
        let output =
            reasoning + state.textTokens[delta.choice] + state.arguments.reduce(0) { $0 + Tokens.count($1) }
        return answer.usage.document(output: output, reasoning: reasoning, extraInput: delta.extraInput)
    }

    private func eventOutput(_ delta: Delta, text: String, reasoning: String, calls: [JSON]) -> JSON {
        let finish = JSON.string(delta.finishReason ?? "null")
        if request.usesTextFormat {
            var output: JSON = ["finish_reason": finish, "text": .string(text)]
            output["search_info"] = delta.searchInfo
            return output
        }
        var message: JSON = ["content": content(text, isLast: delta.finishReason != nil)]
        if hasReasoning, !isMultimodal || !reasoning.isEmpty { message["reasoning_content"] = .string(reasoning) }
        if !calls.isEmpty { message["tool_calls"] = .array(calls) }
        message["annotations"] = answer.annotations
        message["role"] = "assistant"
        var choice: JSON = ["message": message]
        if showsIndex { choice["index"] = .int(delta.choice) }
        choice["finish_reason"] = finish
        if !delta.text.isEmpty { choice["logprobs"] = logprobs(delta.text) }
        var output: JSON = ["choices": [choice]]
        output["search_info"] = delta.searchInfo
        output["tool_info"] = delta.toolInfo
        if request.model.kind == .translation {
            output["finish_reason"] = finish
            output["model_name"] = .string(request.model.name)
        }
        return output
    }

    // MARK: Tool calls

    private func calls(_ delta: Delta, state: State) -> [JSON] {
        if sendsCumulative || request.fault == .cumulativeTools {
            guard !answer.toolCalls.isEmpty else { return [] }
            return answer.toolCalls.prefix(state.openCalls).enumerated().map { index, call in
                var call = call
                call.arguments = state.arguments[index]
                return wholeCall(call, at: index)
            }
        }
        return delta.fragments.map { fragment in
            let call = answer.toolCalls[fragment.index]
            let opens = fragment.opening != nil || request.fault == .repeatsToolIDs
            var function: JSON = [:]
            if opens { function["name"] = .string(call.name) }
            function["arguments"] = .string(fragment.arguments)
            return [
                "index": .int(fragment.index), "id": .string(opens ? call.id : ""), "type": "function",
                "function": function,
            ]
        }
    }

    private func wholeCall(_ call: ToolCall, at index: Int) -> JSON {
        [
            "function": ["name": .string(call.name), "arguments": .string(call.arguments)], "index": .int(index),
            "id": .string(call.id), "type": "function",
        ]
    }

    // MARK: Parts

    private var showsIndex: Bool { answer.choices.count > 1 || request.variant(4, of: 2) == 0 }

    private func content(_ text: String, isLast: Bool) -> JSON {
        guard isMultimodal else { return .string(text) }
        var items: [JSON] = []
        if !text.isEmpty || (isLast && answer.ocrResult != nil) {
            var item: JSON = [:]
            if isLast { item["ocr_result"] = answer.ocrResult }
            item["text"] = .string(text)
            items.append(item)
        }
        if isLast, let sizes = answer.imageSizes { items.append(["image_hw": sizes]) }
        return .array(items)
    }

    private func logprobs(_ text: String) -> JSON? {
        guard request.parameters["logprobs"]?.bool == true, answer.toolCalls.isEmpty else { return nil }
        let alternatives = request.parameters["top_logprobs"]?.int ?? 0
        let tokens = Tokens.split(text).map { token -> JSON in
            let bytes = JSON.array(token.utf8.map { .int(Int($0)) })
            var top: [JSON] = []
            for rank in 0..<alternatives {
                let other = rank == 0 ? token : "\(token)\(rank)"
                top.append([
                    "logprob": .number(0 - Double(rank)), "bytes": .array(other.utf8.map { .int(Int($0)) }),
                    "token": .string(other),
                ])
            }
            return ["top_logprobs": .array(top), "logprob": 0.0, "bytes": bytes, "token": .string(token)]
        }
        return ["content": .array(tokens)]
    }

    private func envelope(output: JSON, usage: JSON) -> JSON {
        ["output": output, "usage": usage, "request_id": .string(request.requestID)]
    }
}

extension Fault {
    fileprivate var isFast: Bool { if case .fast = self { true } else { false } }
}
