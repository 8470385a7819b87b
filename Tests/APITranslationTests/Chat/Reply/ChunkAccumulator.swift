import Testing

/// Puts chunks together as clients do, and insists on what the SDKs insist on.
///
/// Independent of the gateway: strings are concatenated, lists of tool calls are merged by index, other members of a
/// delta may come once, members at the top of a chunk replace each other.
struct ChunkAccumulator {
    private struct Choice {
        var message: [String: JSON] = [:]
        var members: [String: JSON] = [:]
        var logprobs: [JSON] = []
        var hasLogprobs = false
        var calls: [[String: JSON]] = []
        var finish: String?
    }

    private var top: [String: JSON] = [:]
    private var choices: [Choice] = []
    private var hasUsage = false

    /// The completion the chunks amount to.
    static func completion(of run: ReplyRun, includesUsage: Bool) throws -> JSON {
        var accumulator = ChunkAccumulator()
        let lines = run.lines
        #expect(lines.last == "[DONE]")
        #expect(lines.filter { $0 == "[DONE]" }.count == 1)
        let chunks = try run.chunks
        for (position, chunk) in chunks.enumerated() {
            try accumulator.add(chunk, isLast: position == chunks.count - 1, includesUsage: includesUsage)
        }
        return accumulator.completion
    }

    private mutating func add(_ chunk: JSON, isLast: Bool, includesUsage: Bool) throws {
        #expect(chunk["object"] == .string("chat.completion.chunk"))
        for (name, value) in chunk.members where !["object", "choices", "usage"].contains(name) {
            if ["id", "created", "model"].contains(name), let known = top[name] { #expect(known == value) }
            if name == "deep_research", case .array(let known) = top[name] ?? .array([]) {
                top[name] = .array(known + value.elements)
            } else {
                top[name] = value
            }
        }
        let list = try #require(chunk["choices"])
        guard case .array(let elements) = list else {
            Issue.record("choices is no array")
            return
        }
        if elements.isEmpty {
            #expect(isLast && includesUsage)
            top["usage"] = chunk["usage"]
            return
        }
        #expect(!hasUsage)
        #expect((chunk["usage"] == .null) == includesUsage)
        for element in elements { try add(choice: element) }
    }

    private mutating func add(choice element: JSON) throws {
        let index = try #require(element["index"]?.int)
        // The first chunk of a choice comes behind the first chunk of the choice before.
        #expect(index <= choices.count)
        if index == choices.count { choices.append(Choice()) }
        let delta = try #require(element["delta"])
        #expect(choices[index].finish == nil)
        for (name, value) in delta.members { try merge(name, value, into: index) }
        for (name, value) in element.members where !["index", "delta", "logprobs", "finish_reason"].contains(name) {
            #expect(choices[index].members[name] == nil)
            choices[index].members[name] = value
        }
        if let tokens = element["logprobs"]?["content"] {
            choices[index].hasLogprobs = true
            choices[index].logprobs += tokens.elements
        }
        let finish = try #require(element["finish_reason"])
        if finish != .null {
            let word = try #require(finish.text)
            #expect(["stop", "length", "tool_calls", "content_filter", "function_call"].contains(word))
            choices[index].finish = word
        }
    }

    private mutating func merge(_ name: String, _ value: JSON, into index: Int) throws {
        switch name {
        case "role":
            #expect(choices[index].message["role"] == nil)
            choices[index].message["role"] = value
        case "content", "reasoning_content":
            let known = choices[index].message[name]?.text ?? ""
            choices[index].message[name] = .string(known + (try #require(value.text)))
        case "tool_calls":
            for entry in value.elements { try merge(call: entry, into: index) }
        case "function_call", "audio":
            var known = choices[index].message[name]?.members ?? [:]
            for (key, piece) in value.members { known[key] = Self.joined(known[key], piece) }
            choices[index].message[name] = .object(known)
        default:
            #expect(choices[index].message[name] == nil, "\(name) comes twice")
            choices[index].message[name] = value
        }
    }

    private static func joined(_ known: JSON?, _ piece: JSON) -> JSON {
        guard let known = known?.text, let piece = piece.text else { return piece }
        return .string(known + piece)
    }

    private mutating func merge(call entry: JSON, into index: Int) throws {
        let position = try #require(entry["index"]?.int)
        #expect(position <= choices[index].calls.count)
        if position == choices[index].calls.count {
            let id = try #require(entry["id"]?.text)
            #expect(!id.isEmpty)
            #expect(entry["type"] != nil)
            choices[index].calls.append(entry.members)
            return
        }
        #expect(entry["id"] == nil && entry["type"] == nil && entry["function"]?["name"] == nil)
        let piece = try #require(entry["function"]?["arguments"]?.text)
        var function = choices[index].calls[position]["function"] ?? .object([:])
        function["arguments"] = .string((function["arguments"]?.text ?? "") + piece)
        choices[index].calls[position]["function"] = function
    }

    private var completion: JSON {
        var result = top
        result["object"] = .string("chat.completion")
        result["system_fingerprint"] = .null
        result["choices"] = .array(
            choices.enumerated().map { index, choice in
                var message = choice.message
                if !choice.calls.isEmpty {
                    message["tool_calls"] = .array(
                        choice.calls.map { call in .object(call.filter { $0.key != "index" }) }
                    )
                }
                let hasCalls = !choice.calls.isEmpty || message["function_call"] != nil || message["audio"] != nil
                if message["content"] == .string(""), hasCalls { message["content"] = .null }
                if message["refusal"] == nil { message["refusal"] = .null }
                var members = choice.members
                members["index"] = .number(Double(index))
                members["message"] = .object(message)
                members["finish_reason"] = choice.finish.map { .string($0) } ?? .null
                members["logprobs"] =
                    choice.hasLogprobs ? .object(["content": .array(choice.logprobs), "refusal": .null]) : .null
                return .object(members)
            }
        )
        return .object(result)
    }
}
