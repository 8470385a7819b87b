import ByteWriting
import JSONBytes

/// Results of tools.
extension MessagesReader {
    /// Writes one result as a message of the tool.
    ///
    /// - Returns: How many pictures it holds, which follow in a message of the user.
    mutating func writeResult(_ block: JSONValue, _ turn: MessagesTurn, _ index: Int, isLast: Bool) throws(APIError)
        -> Int
    {
        func place() -> String { "messages.\(turn.index).content.\(index)" }
        guard let id = block.present("tool_use_id") else { throw .missing("\(place()).tool_use_id") }
        reportUnknown(of: block, MessagesMembers.toolResult, "messages[*].content[*]", at: place())
        let content = block.present("content")
        if let content, content.kind != .string, content.kind != .array {
            throw .wrongType("\(place()).content", expected: "string or array", got: content)
        }
        // A marker inside counts like one on the result.
        let marked = content?.elements.first { MessagesMarker.isOn($0) }
        let isMarked = takeMarker(of: MessagesMarker.isOn(block) ? block : marked ?? block, at: place(), isLast: isLast)
        openMessage("tool", asList: isMarked)
        openText()
        var isFirst = true
        if try Self.flag(block, "is_error", place()) { out.body.append("Error: ") }
        if let text = content?.escapedContent { out.body.append(bytes: text) }
        var images = 0
        if let content {
            for (number, inner) in content.elements.enumerated() {
                images += try writeInner(inner, "\(place()).content.\(number)", &isFirst)
            }
        }
        closeText(isMarked: isMarked)
        closeContent()
        out.body.append(",\"tool_call_id\":")
        out.body.writeJSON(id)
        out.body.append("}")
        return images
    }

    /// One block of a result, as a line of its text; 1 for a picture that the model takes.
    private mutating func writeInner(_ block: JSONValue, _ place: String, _ isFirst: inout Bool) throws(APIError) -> Int
    {
        func line() {
            if !isFirst { out.body.append("\\n") }
            isFirst = false
        }
        guard block.kind == .object else { throw .wrongType(place, expected: "object", got: block) }
        let type = try Self.optionalString(block, "type", place)
        if type?.equals("text") == true {
            guard let text = block.present("text") else { throw .missing("\(place).text") }
            guard let content = text.escapedContent else {
                throw .wrongType("\(place).text", expected: "string", got: text)
            }
            reportUnknown(of: block, MessagesMembers.text, "messages[*].content[*].content[*]", at: place)
            line()
            out.body.append(bytes: content)
        } else if type?.equals("image") == true {
            if takesImages { return 1 }
            line()
            out.body.append("[image omitted: ")
            out.body.writeJSONContent(out.model.requestedName)
            out.body.append(" takes no images]")
            report(block, place, "image", "the model takes no images")
        } else if type?.equals("tool_reference") == true {
            guard let name = try Self.optionalString(block, "tool_name", place) else {
                throw .missing("\(place).tool_name")
            }
            reportUnknown(of: block, MessagesMembers.toolReference, "messages[*].content[*].content[*]", at: place)
            line()
            out.body.append("Tool ")
            tools.names.append(name, to: &out.body)
            out.body.append(" is now available.")
        } else if type?.equals("search_result") == true || type?.equals("document") == true {
            let isDocument = type?.equals("document") == true
            let source = block.present("source")
            if isDocument, let source, source.kind != .object {
                throw .wrongType("\(place).source", expected: "object", got: source)
            }
            let kind = source?.present("type")
            if type?.equals("document") == true, kind?.equals("text") != true, kind?.equals("content") != true {
                line()
                out.body.append("[document omitted: ")
                out.body.writeJSONContent(out.model.requestedName)
                out.body.append(" reads no such documents]")
                report(block, place, "document", "the model reads no such documents")
                return 0
            }
            reportUnknown(
                of: block,
                isDocument ? MessagesMembers.document : MessagesMembers.searchResult,
                "messages[*].content[*].content[*]",
                at: place
            )
            if isDocument, let source {
                reportUnknown(
                    of: source,
                    MessagesMembers.source,
                    "messages[*].content[*].content[*].source",
                    at: "\(place).source"
                )
            }
            line()
            try appendTexts(of: block, isDocument ? ["title", "context"] : ["title", "source"], at: place)
        } else {
            report(block, place, type.map { GenerationWriter.short($0) } ?? "block", "models do not know such a result")
        }
        return 0
    }

    private mutating func report(_ block: JSONValue, _ place: String, _ from: String, _ reason: String) {
        out.adjust("messages[*].content", at: place, from: from, to: "text", reason)
    }

    /// The pictures of results, each behind a text that names the call; only the user's messages carry pictures.
    mutating func writeImagesOfResults(_ turn: MessagesTurn) throws(APIError) {
        for (index, block) in turn.blocks.enumerated() where block.present("type")?.equals("tool_result") == true {
            guard let content = block.present("content"), let id = block.present("tool_use_id")?.escapedContent else {
                continue
            }
            for (inner, part) in content.elements.enumerated() where part.present("type")?.equals("image") == true {
                openText()
                out.body.append("Image in the result of the tool call ")
                out.body.append(bytes: id)
                out.body.append(":")
                closeText(isMarked: false)
                try writeImage(part, isMarked: false, "messages.\(turn.index).content.\(index).content.\(inner)")
                out.adjust(
                    "messages[*].content",
                    at: "messages[\(turn.index)].content[\(index)]",
                    from: "image",
                    to: "user message",
                    "results of tools carry text only"
                )
            }
        }
    }
}
