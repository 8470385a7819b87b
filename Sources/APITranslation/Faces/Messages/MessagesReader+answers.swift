import ByteWriting
import JSONBytes

/// Earlier answers of the assistant.
extension MessagesReader {
    mutating func writeAnswer(_ turn: MessagesTurn) throws(APIError) {
        let isLast = turn.index == scan.turns.count - 1
        reportUnknown(of: turn.message, MessagesMembers.message, "messages[*]", at: "messages[\(turn.index)]")
        if let text = turn.content.escapedContent {
            guard !text.isEmpty else { return }
            let isMarked = takeMarker(of: turn.content, at: "messages.\(turn.index)", isLast: isLast)
            openMessage("assistant", asList: isMarked)
            writeText(text, isMarked: isMarked)
            closeContent()
            return closeAnswer(isPrefix: isLast)
        }
        let (hasText, calls, markers) = try survey(turn)
        guard hasText || calls > 0 else {
            try skipMarkers(turn)
            return
        }
        let topMarker = isLast && fields.cacheControl != nil ? 1 : 0
        openMessage("assistant", asList: hasText && keepsAny(of: markers + topMarker))
        var last = 0
        for (index, block) in turn.blocks.enumerated() where Self.text(of: block) != nil { last = index }
        for (index, block) in turn.blocks.enumerated() {
            guard let text = Self.text(of: block) else { continue }
            let isMarked = takeMarker(
                of: block,
                at: "messages.\(turn.index).content.\(index)",
                isLast: isLast && index == last
            )
            if !text.isEmpty { writeText(text, isMarked: isMarked) }
        }
        closeContent()
        if calls > 0 { try writeCalls(turn) }
        if fields.native(.preserveThinking)?.bool == true { writeThoughts(turn) }
        closeAnswer(isPrefix: isLast)
    }

    private mutating func closeAnswer(isPrefix: Bool) {
        out.body.append(isPrefix ? ",\"partial\":true}" : "}")
    }

    /// The escaped text that a block stands for; nil for every other kind.
    private static func text(of block: JSONValue) -> UnsafeRawBufferPointer? {
        guard let type = block.present("type") else { return nil }
        if type.equals("text") { return block.present("text")?.escapedContent }
        return type.equals("compaction") ? block.present("content")?.escapedContent : nil
    }

    private mutating func survey(_ turn: MessagesTurn) throws(APIError) -> (hasText: Bool, calls: Int, markers: Int) {
        var result = (hasText: false, calls: 0, markers: 0)
        for (index, block) in turn.blocks.enumerated() {
            func place() -> String { "messages.\(turn.index).content.\(index)" }
            guard let type = block.present("type") else { throw .missing("\(place()).type") }
            if type.equals("text") {
                guard let text = block.present("text") else { throw .missing("\(place()).text") }
                guard text.kind == .string else { throw .wrongType("\(place()).text", expected: "string", got: text) }
                if !text.isEmptyString { result.hasText = true }
                if MessagesMarker.isOn(block) { result.markers += 1 }
                reportUnknown(of: block, MessagesMembers.text, "messages[*].content[*]", at: place())
            } else if type.equals("tool_use") {
                result.calls += 1
                reportUnknown(of: block, MessagesMembers.toolUse, "messages[*].content[*]", at: place())
            } else if type.equals("compaction") {
                if Self.text(of: block)?.isEmpty == false { result.hasText = true }
            } else if !type.equals("thinking"), !type.equals("redacted_thinking") {
                out.adjust(
                    "messages[*].content",
                    at: "messages[\(turn.index)].content[\(index)]",
                    from: GenerationWriter.short(type),
                    to: "none",
                    "models do not know such a block"
                )
            }
        }
        return result
    }

    /// An answer that is left out takes its markers with it.
    private mutating func skipMarkers(_ turn: MessagesTurn) throws(APIError) {
        for block in turn.blocks where block.present("type")?.equals("text") == true && MessagesMarker.isOn(block) {
            markersToDrop = max(0, markersToDrop - 1)
        }
    }

    private mutating func writeCalls(_ turn: MessagesTurn) throws(APIError) {
        out.body.append(",\"tool_calls\":[")
        var number = 0
        for (index, block) in turn.blocks.enumerated() where block.present("type")?.equals("tool_use") == true {
            func place() -> String { "messages.\(turn.index).content.\(index)" }
            guard let id = block.present("id") else { throw .missing("\(place()).id") }
            guard let name = block.present("name") else { throw .missing("\(place()).name") }
            guard name.kind == .string else { throw .wrongType("\(place()).name", expected: "string", got: name) }
            let input = block.present("input")
            if let input, input.kind != .object {
                throw .wrongType("\(place()).input", expected: "object", got: input)
            }
            if number > 0 { out.body.append(",") }
            out.body.append("{\"id\":")
            out.body.writeJSON(id)
            out.body.append(",\"type\":\"function\",\"index\":")
            out.body.writeJSON(number)
            out.body.append(",\"function\":{\"name\":\"")
            tools.names.append(name, to: &out.body)
            out.body.append("\",\"arguments\":")
            if let input { out.body.writeJSONText(asString: input) } else { out.body.append("\"{}\"") }
            out.body.append("}}")
            number += 1
        }
        out.body.append("]")
    }

    private mutating func writeThoughts(_ turn: MessagesTurn) {
        var isFirst = true
        for block in turn.blocks where block.present("type")?.equals("thinking") == true {
            guard let text = block.present("thinking")?.escapedContent, !text.isEmpty else { continue }
            out.body.append(isFirst ? ",\"reasoning_content\":\"" : "\\n\\n")
            isFirst = false
            out.body.append(bytes: text)
        }
        if !isFirst { out.body.append("\"") }
    }
}
