import ByteWriting
import JSONBytes

/// The conversation, in native messages.
extension MessagesReader {
    /// The block that Claude Code puts in front of its prompt; it changes with each request and would spoil every
    /// cache.
    private static let billing: StaticString = "x-anthropic-billing-header:"

    // MARK: - System

    private var leadingSystems: ArraySlice<MessagesTurn> { scan.turns.prefix { $0.role == .system } }

    mutating func writeSystem() throws(APIError) {
        var texts = 0
        var markers = 0
        if let system = fields.system {
            if !system.isEmptyString, system.kind == .string { texts += 1 }
            for (index, block) in system.elements.enumerated() {
                guard block.kind == .object else {
                    throw .wrongType("system.\(index)", expected: "object", got: block)
                }
                guard block.present("type")?.equals("text") == true else {
                    throw .messages("system.\(index).type", "Input should be 'text'")
                }
                guard let text = block.present("text") else { throw .missing("system.\(index).text") }
                guard text.kind == .string else {
                    throw .wrongType("system.\(index).text", expected: "string", got: text)
                }
                if text.escapedContent.map(Self.isPrompt) == true { texts += 1 }
                if MessagesMarker.isOn(block) { markers += 1 }
                reportUnknown(of: block, MessagesMembers.text, "system[*]", at: "system[\(index)]")
            }
        }
        for turn in leadingSystems {
            reportUnknown(of: turn.message, MessagesMembers.systemMessage, "messages[*]", at: "messages[\(turn.index)]")
            if turn.content.kind == .string, !turn.content.isEmptyString { texts += 1 }
            for (index, block) in turn.blocks.enumerated() {
                if try systemText(of: block, turn, index).map(Self.isPrompt) == true { texts += 1 }
            }
            markers += turn.blocks.reduce(0) { MessagesMarker.isOn($1) ? $0 + 1 : $0 }
        }
        guard texts > 0 || out.systemAddition != nil else { return }
        openMessage("system", asList: keepsAny(of: markers))
        if let system = fields.system { writeSystemTexts(system, "system") }
        for turn in leadingSystems { writeSystemTexts(turn.content, "messages.\(turn.index).content") }
        if let addition = out.systemAddition {
            openText()
            out.body.writeJSONContent(addition)
            closeText(isMarked: false)
        }
        closeContent()
        out.body.append("}")
    }

    private mutating func writeSystemTexts(_ content: JSONValue, _ path: String) {
        if let text = content.escapedContent, !text.isEmpty { return writeText(text, isMarked: false) }
        for (index, block) in content.elements.enumerated() {
            let isMarked = takeMarker(of: block, at: "\(path).\(index)")
            guard let text = block.present("text")?.escapedContent, Self.isPrompt(text) else { continue }
            writeText(text, isMarked: isMarked)
        }
    }

    /// The text of a block in a message of the system; nil for one that is read elsewhere, or is not known and reported.
    private mutating func systemText(of block: JSONValue, _ turn: MessagesTurn, _ index: Int) throws(APIError)
        -> UnsafeRawBufferPointer?
    {
        func place() -> String { "messages.\(turn.index).content.\(index)" }
        guard let type = block.present("type") else { throw .missing("\(place()).type") }
        if type.equals("tool_addition") || type.equals("tool_removal") {
            reportUnknown(of: block, MessagesMembers.toolChange, "messages[*].content[*]", at: place())
            return nil
        }
        guard type.equals("text") else {
            out.adjust(
                "messages[*].content",
                at: "messages[\(turn.index)].content[\(index)]",
                from: GenerationWriter.short(type),
                to: "none",
                "models do not know such a block"
            )
            return nil
        }
        guard let text = block.present("text") else { throw .missing("\(place()).text") }
        guard let content = text.escapedContent else {
            throw .wrongType("\(place()).text", expected: "string", got: text)
        }
        reportUnknown(of: block, MessagesMembers.text, "messages[*].content[*]", at: place())
        return content
    }

    private static func isPrompt(_ text: UnsafeRawBufferPointer) -> Bool {
        !text.isEmpty && !GenerationWriter.starts(text, billing)
    }

    // MARK: - Turns

    mutating func writeTurns() throws(APIError) {
        var position = leadingSystems.endIndex
        while position < scan.turns.count {
            if scan.turns[position].role == .assistant {
                try writeAnswer(scan.turns[position])
                position += 1
            } else {
                let start = position
                while position < scan.turns.count, scan.turns[position].role != .assistant { position += 1 }
                try writeQuestion(scan.turns[start..<position])
            }
        }
    }

    private func isLast(_ turn: MessagesTurn, _ block: Int, of count: Int) -> Bool {
        turn.index == scan.turns.count - 1 && block == count - 1
    }

    // MARK: - The user's side

    /// Messages of the user and of the system that follow each other: the results of tools first, then all the rest as one.
    private mutating func writeQuestion(_ turns: ArraySlice<MessagesTurn>) throws(APIError) {
        var hasResults = false
        var imagesOfResults = 0
        var markers = 0
        for turn in turns {
            let count = turn.content.kind == .string ? 1 : turn.blocks.reduce(0) { count, _ in count + 1 }
            if turn.content.kind == .string, fields.cacheControl != nil, isLast(turn, 0, of: 1) { markers += 1 }
            for (index, block) in turn.blocks.enumerated() {
                if turn.role == .user, block.present("type")?.equals("tool_result") == true {
                    hasResults = true
                    imagesOfResults += try writeResult(block, turn, index, isLast: isLast(turn, index, of: count))
                } else if MessagesMarker.isOn(block) || fields.cacheControl != nil && isLast(turn, index, of: count) {
                    markers += 1
                }
            }
        }
        try writeFileReferences(turns)
        var isOpen = false
        let asList = keepsAny(of: markers)
        if imagesOfResults > 0, takesImages {
            open(&isOpen, asList)
            for turn in turns where turn.role == .user { try writeImagesOfResults(turn) }
        }
        for turn in turns {
            reportUnknown(
                of: turn.message,
                turn.role == .system ? MessagesMembers.systemMessage : MessagesMembers.message,
                "messages[*]",
                at: "messages[\(turn.index)]"
            )
            if turn.role == .system {
                try writeReminder(turn, &isOpen, asList)
            } else if let text = turn.content.escapedContent {
                guard !text.isEmpty else { continue }
                open(&isOpen, asList)
                writeText(
                    text,
                    isMarked: takeMarker(of: turn.content, at: "messages.\(turn.index)", isLast: isLast(turn, 0, of: 1))
                )
            } else {
                let count = turn.blocks.reduce(0) { count, _ in count + 1 }
                for (index, block) in turn.blocks.enumerated() {
                    try writeBlock(block, turn, index, isLast: isLast(turn, index, of: count), &isOpen, asList)
                }
            }
        }
        if isOpen {
            closeContent()
            out.body.append("}")
        } else if !hasResults, let turn = turns.first(where: { $0.role == .user }) {
            throw .messages("messages.\(turn.index)", "user messages must have non-empty content")
        }
    }

    private mutating func open(_ isOpen: inout Bool, _ asList: Bool) {
        guard !isOpen else { return }
        isOpen = true
        openMessage("user", asList: asList)
    }

    /// One block of the user's own.
    private mutating func writeBlock(
        _ block: JSONValue,
        _ turn: MessagesTurn,
        _ index: Int,
        isLast: Bool,
        _ isOpen: inout Bool,
        _ asList: Bool
    ) throws(APIError) {
        func place() -> String { "messages.\(turn.index).content.\(index)" }
        guard let type = block.present("type") else { throw .missing("\(place()).type") }
        if type.equals("tool_result") { return }
        if type.equals("text") {
            guard let text = block.present("text") else { throw .missing("\(place()).text") }
            guard let content = text.escapedContent else {
                throw .wrongType("\(place()).text", expected: "string", got: text)
            }
            let isMarked = takeMarker(of: block, at: place(), isLast: isLast)
            guard !content.isEmpty else { return }
            open(&isOpen, asList)
            reportUnknown(of: block, MessagesMembers.text, "messages[*].content[*]", at: place())
            return writeText(content, isMarked: isMarked)
        }
        let isMarked = takeMarker(of: block, at: place(), isLast: isLast)
        if type.equals("image") {
            guard takesImages else {
                throw .messages(place(), "the model `\(out.model.requestedName)` takes no images")
            }
            open(&isOpen, asList)
            reportUnknown(of: block, MessagesMembers.image, "messages[*].content[*]", at: place())
            try writeImage(block, isMarked: isMarked, place())
        } else if type.equals("document") {
            guard !isFile(block) || hasTexts(block) else { return reportUnknown(ofFile: block, place()) }
            open(&isOpen, asList)
            try writeDocument(block, isMarked: isMarked, place())
        } else if type.equals("search_result") {
            open(&isOpen, asList)
            reportUnknown(of: block, MessagesMembers.searchResult, "messages[*].content[*]", at: place())
            try writeTexts(
                of: block,
                ["title", "source"],
                isMarked: isMarked,
                separator: "\\n\\n",
                at: place()
            )
        } else {
            throw .messages(
                "\(place()).type",
                "Input should be 'text', 'image', 'document', 'search_result' or 'tool_result'"
            )
        }
    }

    private mutating func writeDocument(_ block: JSONValue, isMarked: Bool, _ place: @autoclosure () -> String)
        throws(APIError)
    {
        guard let source = block.present("source") else { throw .missing("\(place()).source") }
        guard source.kind == .object else { throw .wrongType("\(place()).source", expected: "object", got: source) }
        guard let type = try Self.optionalString(source, "type", "\(place()).source") else {
            throw .missing("\(place()).source.type")
        }
        guard isCounting || type.equals("text") || type.equals("content") || type.equals("file") else {
            throw .messages(
                "\(place()).source",
                "the model `\(out.model.requestedName)` reads no PDF; send the text of the document"
            )
        }
        reportUnknown(of: block, MessagesMembers.document, "messages[*].content[*]", at: place())
        reportUnknown(of: source, MessagesMembers.source, "messages[*].content[*].source", at: "\(place()).source")
        try writeTexts(of: block, ["title", "context"], isMarked: isMarked, separator: "\\n\\n", at: place())
        guard let content = source.present("content") else { return }
        for (index, inner) in content.elements.enumerated() where inner.present("type")?.equals("image") == true {
            guard takesImages else {
                throw .messages(place(), "the model `\(out.model.requestedName)` takes no images")
            }
            try writeImage(inner, isMarked: false, "\(place()).source.content.\(index)")
        }
    }

    /// A message of the system in the middle of a conversation, where the native API takes none.
    private mutating func writeReminder(_ turn: MessagesTurn, _ isOpen: inout Bool, _ asList: Bool)
        throws(APIError)
    {
        let path = "messages.\(turn.index)"
        let clearing = try Self.optionalString(turn.message, "clear_at", path)
        if clearing?.equals("next_user_message") == true, let last = scan.lastUser, last > turn.index { return }
        if let clearing, !clearing.equals("next_user_message"), !clearing.equals("never") {
            out.adjust(
                "messages[*].clear_at",
                at: "messages[\(turn.index)].clear_at",
                from: GenerationWriter.short(clearing),
                to: "never",
                "this moment is unknown"
            )
        }
        func append(_ text: UnsafeRawBufferPointer, isMarked: Bool) {
            open(&isOpen, asList)
            openText()
            out.body.append("<system-reminder>\\n")
            out.body.append(bytes: text)
            out.body.append("\\n</system-reminder>")
            closeText(isMarked: isMarked)
        }
        var hasText = false
        if let text = turn.content.escapedContent, !text.isEmpty {
            hasText = true
            append(text, isMarked: takeMarker(of: turn.content, at: path, isLast: isLast(turn, 0, of: 1)))
        }
        let count = turn.blocks.reduce(0) { count, _ in count + 1 }
        for (index, block) in turn.blocks.enumerated() {
            let isMarked = takeMarker(of: block, at: "\(path).content.\(index)", isLast: isLast(turn, index, of: count))
            guard let text = try systemText(of: block, turn, index), !text.isEmpty else { continue }
            hasText = true
            append(text, isMarked: isMarked)
        }
        guard hasText else { return }
        out.adjust(
            "messages[*].role",
            at: "messages[\(turn.index)].role",
            from: "system",
            to: "user",
            "the model takes system messages in front only"
        )
    }
}
