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
        var part = text
        if context.isCumulative {
            part = ChoiceProgress.newPart(of: text, after: &choices[choice].seenReasoning)
            if part.isEmpty { return }
        }
        if Sink.takesOneBlockAtATime {
            if choices[choice].holdsText { return deferText(part, isReasoning: true, choice: choice) }
            choices[choice].currentCall = nil
        }
        sink.reasoning(part, choice: choice)
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
        if Sink.takesOneBlockAtATime, !part.isEmpty {
            if choices[choice].holdsText { return deferText(part, isReasoning: false, choice: choice) }
            choices[choice].currentCall = nil
        }
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

    /// The facts that are told when the choice ends.
    func closing(of index: Int, tape: JSONTape) -> ChoiceClosing {
        let choice = choices[index]
        return ChoiceClosing(
            citations: citations(choice.citations, tape: tape),
            message: choice.messageExtras,
            audio: choice.audioExtras,
            choice: choice.choiceExtras
        )
    }

    /// A citation for each marker in the text that names a source.
    ///
    /// A text without markers rests on its sources as a whole: then each source spans all of it.
    private func citations(_ markers: CitationScanner, tape: JSONTape) -> [ReplyCitation] {
        guard let results = searchInfo.value("search_results") ?? outputExtras.value("doc_references") else {
            return []
        }
        return results.withUnsafeBytes { bytes in
            guard let list = try? tape.parse(bytes) else { return [] }
            // The first source with a number counts.
            var sources: [ReplyCitation] = []
            var numbered: [Int: Int] = [:]
            for (position, element) in list.elements.enumerated() {
                guard let source = Self.source(element) else { continue }
                let number =
                    element["index"]?.integer ?? element["index_id"]?.string.flatMap { Int($0) } ?? position + 1
                if numbered[number] == nil { numbered[number] = sources.count }
                sources.append(source)
            }
            var found: [ReplyCitation] = []
            for marker in markers.citations {
                guard let number = numbered[marker.number] else { continue }
                var citation = sources[number]
                (citation.start, citation.end) = (marker.start, marker.end)
                found.append(citation)
            }
            guard found.isEmpty, markers.count > 0 else { return found }
            for index in sources.indices { sources[index].end = markers.count }
            return sources
        }
    }

    /// A source that can be cited; one that is too long stands among the sources of the search only.
    private static func source(_ element: JSONValue) -> ReplyCitation? {
        // A source may be cited a thousand times.
        let limit = 4096
        func text(_ name: StaticString) -> [UInt8]? {
            guard let value = element[name], value.kind == .string, !value.isEmptyString, value.text.count <= limit
            else { return nil }
            return Array(value.text)
        }
        var citation = ReplyCitation(start: 0, end: 0, url: Array("\"\"".utf8), title: Array("\"\"".utf8))
        if let url = text("url") ?? text("doc_url") {
            citation.url = url
        } else if let document = text("doc_id") {
            citation.document = document
        } else {
            return nil
        }
        if let title = element["title"] ?? element["doc_name"], title.kind == .string, title.text.count <= limit {
            citation.title = Array(title.text)
        }
        return citation
    }
}
