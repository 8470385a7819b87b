import ByteWriting
import JSONBytes
import NIOCore

/// The conversation, in native messages.
extension ResponsesReader {
    static let messageMembers: [StaticString] = ["type", "role", "content", "status", "id", "phase"]

    mutating func writeMessages() throws(APIError) {
        if traits.isTranslation { return try writeTranslationMessage() }
        let start = try writeSystem()
        var position = start
        let items = scan.items
        while position < items.count {
            let item = items[position]
            switch item.kind {
            case .user:
                try writeUser(item)
                position += 1
            case .system, .developer:
                try writeReminder(item)
                position += 1
            case .output, .tools: position += 1
            case .compaction:
                writeSummary(item)
                position += 1
            case .assistant, .call, .reasoning, .trace:
                var end = position
                while end < items.count, items[end].isAnswer { end += 1 }
                try writeAnswer(items[position..<end])
                position = end
            }
        }
        guard !isFirstMessage else {
            throw .invalidRequest("Invalid 'input': it holds no message.", param: "input", code: "empty_array")
        }
    }

    /// Begins a native message up to its content.
    mutating func openMessage(_ role: StaticString) {
        if !isFirstMessage { out.body.append(",") }
        isFirstMessage = false
        out.body.append("{\"role\":\"")
        out.body.append(role)
        out.body.append("\",\"content\":")
    }

    // MARK: - System

    /// Writes what the model is told first: the instructions, and messages of the system in front of all others.
    ///
    /// - Returns: Where the other items begin.
    private mutating func writeSystem() throws(APIError) -> Int {
        let leading = scan.items.prefix { $0.kind == .system || $0.kind == .developer || $0.kind == .tools }
        var list = PartList(out.isMultimodal)
        func begin() {
            if list.isFirst { openMessage("system") }
        }
        if let instructions = fields[.instructions]?.escapedContent, !instructions.isEmpty {
            begin()
            list.append(text: instructions, to: &out.body)
        }
        for item in leading where item.kind != .tools {
            reportUnknown(of: item.value, Self.messageMembers, "input[*]", at: item.place)
            guard let content = item.content else { continue }
            if let text = content.escapedContent, !text.isEmpty {
                begin()
                list.append(text: text, to: &out.body)
            }
            for (index, part) in content.elements.enumerated() {
                let text = try text(of: part, item, index)
                guard !text.isEmpty else { continue }
                begin()
                list.append(text: text, to: &out.body)
            }
        }
        if let addition = out.systemAddition {
            begin()
            list.openText(in: &out.body)
            out.body.writeJSONContent(addition)
            list.closeText(in: &out.body)
        }
        if !list.isFirst {
            list.close(in: &out.body)
            out.body.append("}")
        }
        return leading.count
    }

    /// A message of the system in the middle of a conversation, where the native API takes none.
    private mutating func writeReminder(_ item: ResponsesItem) throws(APIError) {
        guard let content = item.content else { return }
        out.adjust(
            "input[*].role",
            at: "\(item.place).role",
            from: item.kind == .system ? "system" : "developer",
            to: "user",
            "the model takes system messages in front only"
        )
        reportUnknown(of: item.value, Self.messageMembers, "input[*]", at: item.place)
        openMessage("user")
        var list = PartList(out.isMultimodal)
        func append(_ text: UnsafeRawBufferPointer) {
            list.openText(in: &out.body)
            out.body.append("<system-reminder>\\n")
            out.body.append(bytes: text)
            out.body.append("\\n</system-reminder>")
            list.closeText(in: &out.body)
        }
        if let text = content.escapedContent { append(text) }
        for (index, part) in content.elements.enumerated() { append(try text(of: part, item, index)) }
        list.close(in: &out.body)
        out.body.append("}")
    }

    /// What takes the place of an earlier part of the conversation.
    private mutating func writeSummary(_ item: ResponsesItem) {
        guard let sealed = item.value.present("encrypted_content"),
            let text = SealedContent.open(sealed, .compaction, context.seal)
        else {
            return out.adjust(
                "input[*]",
                at: item.place,
                from: "compaction",
                to: "none",
                "it was not sealed here for this key"
            )
        }
        openMessage("user")
        var list = PartList(out.isMultimodal)
        list.openText(in: &out.body)
        out.body.writeJSONContent("<conversation-summary>\n\(text)\n</conversation-summary>")
        list.closeText(in: &out.body)
        list.close(in: &out.body)
        out.body.append("}")
    }

    // MARK: - Translation models

    /// qwen-mt takes one user message and nothing else.
    private mutating func writeTranslationMessage() throws(APIError) {
        if fields[.instructions] != nil {
            out.adjust("instructions", from: "string", to: "none", "the model takes one user message only")
        }
        var hasText = false
        for item in scan.items {
            if item.kind == .system || item.kind == .developer {
                out.adjust(
                    "input[*]",
                    at: item.place,
                    from: "system",
                    to: "none",
                    "the model takes one user message only"
                )
                continue
            }
            guard item.kind == .user, !hasText else {
                throw .invalidValue(
                    item.place,
                    "the model `\(out.model.requestedName)` takes exactly one user message; the languages go into "
                        + "`translation_options`."
                )
            }
            hasText = true
            try writeUser(item)
        }
        guard hasText else {
            throw .invalidValue("input", "the model `\(out.model.requestedName)` needs one user message.")
        }
    }
}

/// The content of one native message: a list of parts, or texts joined into one string.
struct PartList {
    private let isList: Bool
    private(set) var isFirst = true

    init(_ isList: Bool) { self.isList = isList }

    /// Begins a part that is no text; the caller writes it, with its braces.
    mutating func openPart(in body: inout ByteBuffer) {
        body.append(isFirst ? "[" : ",")
        isFirst = false
    }

    mutating func openText(in body: inout ByteBuffer) {
        if isList {
            openPart(in: &body)
            body.append("{\"text\":\"")
        } else {
            body.append(isFirst ? "\"" : "\\n\\n")
            isFirst = false
        }
    }

    func closeText(in body: inout ByteBuffer) {
        if isList { body.append("\"}") }
    }

    mutating func append(text: UnsafeRawBufferPointer, to body: inout ByteBuffer) {
        openText(in: &body)
        body.append(bytes: text)
        closeText(in: &body)
    }

    /// Ends the content; one that holds nothing is written as such.
    func close(in body: inout ByteBuffer) {
        if isList {
            body.append(isFirst ? "[]" : "]")
        } else {
            body.append(isFirst ? "\"\"" : "\"")
        }
    }
}
