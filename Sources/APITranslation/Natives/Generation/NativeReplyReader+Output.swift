import ByteWriting
import JSONBytes
import NIOCore

// Reads `output` and the choices in it.
extension NativeReplyReader {
    /// Reads the output of an event.
    ///
    /// - Returns: The choice, where the event holds one choice only.
    mutating func readOutput(_ output: JSONValue) -> Int? {
        var native: JSONValue?
        var text: JSONValue?
        var finish: JSONValue?
        var message: JSONValue?
        var node: JSONValue?
        var isOdd = false
        for member in output.members {
            let name = member.name
            if name.equals("choices") {
                native = member.value
            } else if name.equals("finish_reason") {
                finish = member.value
            } else if name.equals("text") {
                text = member.value
            } else if name.equals("message") {
                message = member.value
            } else if name.equals("workflow_message") {
                node = member.value
            } else {
                isOdd = true
            }
        }
        // A workflow that tells which of its nodes speaks.
        if let node {
            text = text ?? node["message"]?["content"]
            readNode(node)
        }
        // Sources come first: the text rests on them.
        if isOdd { readExtras(output) }
        var count = 0
        var last = 0
        if let native, native.kind == .array {
            for choice in native.elements where choice.kind == .object {
                last = readChoice(choice, position: count, of: output)
                count += 1
            }
        }
        if count == 0, text?.kind == .string || message?.kind == .object || FinishReason(finish) != nil {
            readFlat(output, text: text, message: message, finish: finish)
            count = 1
            last = 0
        }
        return count == 1 ? last : nil
    }

    private mutating func readChoice(_ choice: JSONValue, position: Int, of output: JSONValue) -> Int {
        var message: JSONValue?
        var finish: JSONValue?
        var logprobs: JSONValue?
        var number: JSONValue?
        var isOdd = false
        for member in choice.members {
            let name = member.name
            if name.equals("message") {
                message = member.value
            } else if name.equals("finish_reason") {
                finish = member.value
            } else if name.equals("index") {
                number = member.value
            } else if name.equals("logprobs") {
                logprobs = member.value
            } else {
                isOdd = true
            }
        }
        let index = open(choiceIndex(number, position: position))
        if isOdd {
            for member in choice.members where !Self.isChoiceMember(member.name) {
                _ = choices[index].choiceExtras.set(member.name, member.value)
            }
        }
        let scans = !isWhole || output["search_info"] != nil
        if let message, message.kind == .object {
            readMessage(message, choice: index, logprobs: logprobs, scansCitations: scans)
        }
        endChoice(index, FinishReason(finish))
        return index
    }

    private static func isChoiceMember(_ name: JSONValue) -> Bool {
        name.equals("message") || name.equals("finish_reason") || name.equals("index") || name.equals("logprobs")
    }

    /// The index upstream gives, if it can be one of the choices asked for; otherwise the position.
    private func choiceIndex(_ number: JSONValue?, position: Int) -> Int {
        let limit = max(1, min(context.choices, Self.maximumChoices))
        if let number = number?.integer, number >= 0, number < limit { return number }
        return min(position, Self.maximumChoices - 1)
    }

    /// Opens a choice and all before it: clients rely on the order of the first chunks.
    @inline(__always)
    mutating func open(_ index: Int) -> Int {
        while choices.count <= index {
            choices.append(ChoiceProgress())
            sink.open(choice: choices.count - 1)
        }
        return index
    }

    /// Reads output without choices: text format, or a message of its own (deep research).
    private mutating func readFlat(_ output: JSONValue, text: JSONValue?, message: JSONValue?, finish: JSONValue?) {
        let index = open(0)
        if let message, message.kind == .object {
            if message["phase"] != nil {
                readResearch(output, message)
            } else {
                let scans = !isWhole || output["search_info"] != nil
                readMessage(message, choice: index, logprobs: nil, scansCitations: scans)
            }
        }
        if let content = text?.escapedContent, !content.isEmpty {
            pass(content: content, choice: index, logprobs: nil, scansCitations: true)
        }
        endChoice(index, FinishReason(finish))
    }

    /// Notes why a choice ended; a whole reply ends all of them.
    private mutating func endChoice(_ index: Int, _ reason: FinishReason?) {
        guard let reason = reason ?? (isWhole ? choices[index].finish ?? .stop : nil) else { return }
        if choices[index].finish == nil { endedChoices += 1 }
        choices[index].finish = reason
    }

    // MARK: - Members of output that OpenAI does not know

    private mutating func readExtras(_ output: JSONValue) {
        var changed = ExtraMembers()
        var hasNewSources = false
        for member in output.members {
            let name = member.name
            if name.equals("search_info") {
                hasNewSources = readSearchInfo(member.value)
            } else if name.equals("audio") {
                readAudio(member.value, choice: open(0))
            } else if !Self.isOutputMember(name), outputExtras.set(name, member.value) {
                _ = changed.set(name, member.value)
            }
        }
        guard hasNewSources || changed.hasContent else { return }
        _ = open(0)
        sink.extra(changed, search: hasNewSources ? searchInfo : nil)
    }

    /// Members that are read; `fininshed` is how deep research spells it.
    private static func isOutputMember(_ name: JSONValue) -> Bool {
        name.equals("choices") || name.equals("text") || name.equals("finish_reason") || name.equals("message")
            || name.equals("workflow_message") || name.equals("fininshed") || name.equals("fininshed_reason")
    }

    /// Takes the sources of a search; the empty lists of later events replace nothing.
    ///
    /// They are told whole whenever they change, a few times; what changes after that is told once, at the end.
    ///
    /// - Returns: Whether they are to be told now.
    private mutating func readSearchInfo(_ value: JSONValue) -> Bool {
        var isNew = false
        for member in value.members where searchInfo.set(member.name, member.value) { isNew = true }
        guard isNew else { return false }
        searchReports += 1
        return searchReports <= Self.maximumSearchReports && searchInfo.hasContent
    }

    /// Passes audio data on; what stands beside it (`id`, `url`, `expires_at`) comes once, at the end.
    mutating func readAudio(_ audio: JSONValue, choice: Int) {
        for member in audio.members {
            if member.name.equals("data"), let data = member.value.escapedContent {
                if !data.isEmpty { sink.audio(data, choice: choice) }
            } else {
                _ = choices[choice].audioExtras.set(member.name, member.value)
            }
        }
    }

    /// Tells which node of a workflow speaks, when it is another one or its status has changed.
    private mutating func readNode(_ node: JSONValue) {
        var told = ByteBuffer()
        for member in node.members where !member.name.equals("message") && !member.name.equals("node_msg_seq_id") {
            told.append(told.readableBytes == 0 ? "{" : ",")
            told.writeJSON(member.name)
            told.append(":")
            told.writeJSON(member.value)
        }
        guard told.readableBytes > 0, !told.readableBytesView.elementsEqual(nodeState) else { return }
        nodeState = Array(told.readableBytesView)
        var document = ByteBuffer()
        document.append("{\"workflow_message\":")
        document.writeImmutableBuffer(told)
        document.append("}}")
        // Not the tape of the event, whose values are still to be read.
        let tape = JSONTape()
        document.withUnsafeReadableBytes { bytes in
            guard let root = try? tape.parse(bytes) else { return }
            var changed = ExtraMembers()
            for member in root.members where outputExtras.set(member.name, member.value) {
                _ = changed.set(member.name, member.value)
            }
            _ = open(0)
            sink.extra(changed, search: nil)
        }
    }

    // MARK: - Deep research

    /// Reads an event of a research model, which reports its phases before it answers.
    ///
    /// Text of the answer is content, text of other phases is reasoning. What the phases found is passed on in a list
    /// `deep_research`, one item per report, because a later report does not contain the earlier ones.
    private mutating func readResearch(_ output: JSONValue, _ message: JSONValue) {
        let isAnswer = message["phase"]?.equals("answer") ?? false
        if let text = message["content"]?.escapedContent, !text.isEmpty {
            if isAnswer {
                pass(content: text, choice: 0, logprobs: nil, scansCitations: true)
            } else {
                pass(reasoning: text, choice: 0)
            }
        }
        let found = message["extra"]?["deep_research"]
        var state: [UInt8] = []
        state.append(contentsOf: message["phase"]?.text ?? .init(start: nil, count: 0))
        state.append(contentsOf: message["status"]?.text ?? .init(start: nil, count: 0))
        if state != researchState || !(found?.isEmptyContainer ?? true) {
            researchState = state
            sink.research(Self.researchReport(message, found))
        }
        for member in message.members where !Self.isResearchMember(member.name) {
            _ = choices[0].messageExtras.set(member.name, member.value)
        }
        if isAnswer, message["status"]?.equals("finished") ?? false { endChoice(0, .stop) }
        endChoice(0, FinishReason(output["fininshed_reason"]))
    }

    private static func researchReport(_ message: JSONValue, _ found: JSONValue?) -> ByteBuffer {
        var item = ByteBuffer()
        item.append("{\"phase\":")
        item.writeJSON(orNull: message["phase"])
        item.append(",\"status\":")
        item.writeJSON(orNull: message["status"])
        if let found {
            for member in found.members where !ExtraMembers.isEmpty(member.value) {
                item.append(",")
                item.writeJSON(member.name)
                item.append(":")
                item.writeJSON(member.value)
            }
        }
        item.append("}")
        return item
    }

    private static func isResearchMember(_ name: JSONValue) -> Bool {
        name.equals("phase") || name.equals("status") || name.equals("extra") || name.equals("content")
            || name.equals("role")
    }
}

extension ByteBuffer {
    mutating func writeJSON(orNull value: JSONValue?) {
        if let value { writeJSON(value) } else { append("null") }
    }
}
