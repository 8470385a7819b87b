import ByteWriting
import JSONBytes
import NIOCore

// Reads a message: reasoning, text, and what stands beside them.
extension NativeReplyReader {
    mutating func readMessage(_ message: JSONValue, choice: Int, logprobs: JSONValue?, scansCitations: Bool) {
        var content: JSONValue?
        var reasoning: JSONValue?
        var calls: JSONValue?
        var isOdd = false
        for member in message.members {
            let name = member.name
            if name.equals("content") {
                content = member.value
            } else if name.equals("reasoning_content") {
                reasoning = member.value
            } else if name.equals("tool_calls") {
                calls = member.value
            } else if !name.equals("role") {
                isOdd = true
            }
        }
        // One event can hold the last of the reasoning and the first of the text.
        if let text = reasoning?.escapedContent, !text.isEmpty { pass(reasoning: text, choice: choice) }
        let tokens = newTokens(logprobs, choice: choice)
        if let text = content?.escapedContent {
            if !text.isEmpty || tokens != nil {
                pass(content: text, choice: choice, logprobs: tokens, scansCitations: scansCitations)
            }
        } else {
            readParts(content, choice: choice, logprobs: tokens, scansCitations: scansCitations)
        }
        if let calls, calls.kind == .array { readCalls(calls, choice: choice) }
        if isOdd { readExtras(message, choice: choice) }
    }

    @inline(__always)
    mutating func pass(reasoning text: UnsafeRawBufferPointer, choice: Int) {
        guard context.isCumulative else { return sink.reasoning(text, choice: choice) }
        let part = ChoiceProgress.newPart(of: text, after: &choices[choice].seenReasoning)
        if !part.isEmpty { sink.reasoning(part, choice: choice) }
    }

    @inline(__always)
    mutating func pass(
        content text: UnsafeRawBufferPointer,
        choice: Int,
        logprobs: Logprobs?,
        scansCitations: Bool
    ) {
        var part = text
        if context.isCumulative {
            part = ChoiceProgress.newPart(of: text, after: &choices[choice].seenContent)
            if part.isEmpty, logprobs == nil { return }
        }
        if scansCitations { choices[choice].citations.scan(part) }
        sink.content(part, choice: choice, logprobs: logprobs)
    }

    private mutating func newTokens(_ logprobs: JSONValue?, choice: Int) -> Logprobs? {
        guard let tokens = logprobs?["content"], tokens.kind == .array, !tokens.isEmptyContainer else { return nil }
        let count = Logprobs.count(tokens)
        guard context.isCumulative else { return count > 0 ? Logprobs(tokens: tokens, skipped: 0) : nil }
        let known = choices[choice].tokens
        let skipped = count >= known ? known : 0
        choices[choice].tokens = skipped == 0 ? known + count : count
        return count > skipped ? Logprobs(tokens: tokens, skipped: skipped) : nil
    }

    /// Reads content that is an array of parts; the kind of a part is the name of its member.
    private mutating func readParts(
        _ content: JSONValue?,
        choice: Int,
        logprobs: Logprobs?,
        scansCitations: Bool
    ) {
        var first: UnsafeRawBufferPointer?
        var count = 0
        if let content {
            for part in content.elements {
                guard let text = readPart(part, choice: choice), !text.isEmpty else { continue }
                count += 1
                if count == 1 {
                    first = text
                    continue
                }
                if count == 2, let first {
                    scratch.clear()
                    scratch.append(bytes: first)
                }
                scratch.append(bytes: text)
            }
        }
        if count > 1 {
            var joined = ByteBuffer()
            swap(&joined, &scratch)
            joined.withUnsafeReadableBytes {
                pass(content: $0, choice: choice, logprobs: logprobs, scansCitations: scansCitations)
            }
            swap(&joined, &scratch)
        } else if first != nil || logprobs != nil {
            let text = first ?? UnsafeRawBufferPointer(start: nil, count: 0)
            pass(content: text, choice: choice, logprobs: logprobs, scansCitations: scansCitations)
        }
    }

    /// The text of a part; members beside it (`ocr_result`, `image_hw`) become members of the message.
    private mutating func readPart(_ part: JSONValue, choice: Int) -> UnsafeRawBufferPointer? {
        if part.kind == .string { return part.escapedContent }
        var text: UnsafeRawBufferPointer?
        for member in part.members {
            if member.name.equals("text"), let content = member.value.escapedContent {
                text = content
            } else if !member.name.equals("type") {
                _ = choices[choice].messageExtras.set(member.name, member.value)
            }
        }
        return text
    }

    // MARK: - Beside the text

    private mutating func readExtras(_ message: JSONValue, choice: Int) {
        for member in message.members {
            let name = member.name
            let isRead =
                name.equals("content") || name.equals("reasoning_content") || name.equals("tool_calls")
                || name.equals("role")
            if isRead || member.value.isNull { continue }
            if name.equals("audio"), member.value.kind == .object {
                readAudio(member.value, choice: choice)
            } else {
                _ = choices[choice].messageExtras.set(name, member.value)
            }
        }
    }

    /// What is written when the choice ends.
    func closing(of index: Int, tape: JSONTape) -> ChoiceClosing {
        let choice = choices[index]
        var closing = ChoiceClosing()
        let native = choice.messageExtras.value("annotations")
        Self.writeAnnotations(native, tape: tape, into: &closing)
        writeCitations(choice.citations, tape: tape, into: &closing.annotations)
        choice.messageExtras.write(into: &closing.messageMembers, except: "annotations")
        choice.audioExtras.write(into: &closing.audioMembers)
        choice.choiceExtras.write(into: &closing.choiceMembers)
        closing.hasRefusal = choice.messageExtras.value("refusal") != nil
        return closing
    }

    /// Divides native annotations: OpenAI's `annotations` hold citations only, and strict clients read nothing else.
    ///
    /// What a speech model says of the recording (`audio_info`: language, emotion) becomes `audio_annotations`.
    private static func writeAnnotations(_ native: [UInt8]?, tape: JSONTape, into closing: inout ChoiceClosing) {
        guard let native else { return }
        native.withUnsafeBytes { bytes in
            guard let list = try? tape.parse(bytes) else { return }
            var others = ByteBuffer()
            for element in list.elements {
                if element["url_citation"]?.kind == .object {
                    if closing.annotations.readableBytes > 0 { closing.annotations.append(",") }
                    closing.annotations.writeJSON(element)
                } else {
                    if others.readableBytes > 0 { others.append(",") }
                    others.writeJSON(element)
                }
            }
            guard others.readableBytes > 0 || list.kind != .array else { return }
            closing.messageMembers.append(",\"audio_annotations\":")
            if list.kind == .array {
                closing.messageMembers.append("[")
                closing.messageMembers.writeBuffer(&others)
                closing.messageMembers.append("]")
            } else {
                closing.messageMembers.writeJSON(list)
            }
        }
    }

    /// Appends a citation for each marker in the text that names a source.
    ///
    /// A text without markers rests on its sources as a whole: then each source spans all of it.
    private func writeCitations(_ citations: CitationScanner, tape: JSONTape, into output: inout ByteBuffer) {
        guard let results = searchInfo.value("search_results") else { return }
        results.withUnsafeBytes { bytes in
            guard let list = try? tape.parse(bytes) else { return }
            // The first source with a number counts.
            var numbered: [Int: JSONValue] = [:]
            for (position, source) in list.elements.enumerated() {
                let number = source["index"]?.integer ?? position + 1
                if numbered[number] == nil { numbered[number] = source }
            }
            var isMarked = false
            for citation in citations.citations {
                guard let source = numbered[citation.number] else { continue }
                isMarked = true
                Self.write(source, from: citation.start, to: citation.end, into: &output)
            }
            guard !isMarked, citations.count > 0 else { return }
            for source in list.elements { Self.write(source, from: 0, to: citations.count, into: &output) }
        }
    }

    private static var maximumSourceBytes: Int { 4096 }

    private static func write(_ source: JSONValue, from start: Int, to end: Int, into output: inout ByteBuffer) {
        // A source may be cited a thousand times; one that is too long stands in `search_info` only.
        guard let url = source["url"], url.kind == .string, !url.isEmptyString, url.text.count <= maximumSourceBytes
        else { return }
        if output.readableBytes > 0 { output.append(",") }
        output.append("{\"type\":\"url_citation\",\"url_citation\":{\"start_index\":")
        output.writeJSON(start)
        output.append(",\"end_index\":")
        output.writeJSON(end)
        output.append(",\"url\":")
        output.writeJSON(url)
        output.append(",\"title\":")
        if let title = source["title"], title.kind == .string, title.text.count <= maximumSourceBytes {
            output.writeJSON(title)
        } else {
            output.append("\"\"")
        }
        output.append("}}")
    }
}
