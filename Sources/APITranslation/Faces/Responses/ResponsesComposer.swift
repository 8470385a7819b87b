import ByteWriting
package import JSONBytes
package import NIOCore

/// The stored objects to which a request refers.
package struct ResponsesReferences: Sendable {
    /// `previous_response_id`.
    package var previous: String?
    package var conversation: String?
    /// The ids of referred items.
    package var items: [String] = []
    /// `background`.
    package var runsInBackground = false
    /// `stream`.
    package var isStreamed = false

    package var isEmpty: Bool { previous == nil && conversation == nil && items.isEmpty }
}

/// Puts a request together with what it refers to, before it is translated.
package struct ResponsesComposer {
    /// More references to items are refused.
    private static let mostReferences = 256

    private let options: TranslationOptions

    package init(options: TranslationOptions) { self.options = options }

    private static let words = [
        SearchedWord("\"previous_response_id\""), SearchedWord("\"conversation\""), SearchedWord("item_reference"),
        SearchedWord("\"background\""),
    ]

    /// Whether a body may refer to something or run in the background, seen without parsing it.
    package static func mayRefer(_ body: ByteBuffer) -> Bool {
        body.withUnsafeReadableBytes { bytes in words.contains { $0.stands(in: bytes) } }
    }

    /// The references of a body.
    ///
    /// - Throws: A 400 where the body cannot be read, or refers to two conversations.
    package func references(_ body: ByteBuffer, tape: JSONTape) throws(APIError) -> ResponsesReferences {
        try RequestBody.read(body, tape: tape, options: options) { (body) throws(APIError) -> ResponsesReferences in
            let fields = try ResponsesFields(body.root)
            var references = ResponsesReferences()
            references.previous = fields[.previousResponseID]?.string
            references.conversation = fields.conversationID?.string
            references.runsInBackground = fields[.background]?.bool ?? false
            references.isStreamed = fields[.stream]?.bool ?? false
            guard references.previous == nil || references.conversation == nil else {
                throw .invalidRequest(
                    "Mutually exclusive parameters: 'previous_response_id' and 'conversation'. Only one of them can be given.",
                    param: nil,
                    code: "mutually_exclusive_parameters"
                )
            }
            guard let input = fields[.input] else { return references }
            for item in input.elements {
                guard let id = Self.reference(item) else { continue }
                references.items.append(id)
                guard references.items.count <= Self.mostReferences else {
                    throw .invalidValue("input", "it refers to more than \(Self.mostReferences) items.")
                }
            }
            return references
        }
    }

    /// What a model is asked for in the place of the next message.
    private static let request =
        "Summarize the conversation above so that it can go on from the summary alone. Keep every fact, name, number, "
        + "decision, file, result of a tool and open task that later turns may need, and say what the user wants next. "
        + "Leave out pleasantries. Answer with the summary only, in the language of the conversation."

    /// The members that a request for a summary keeps.
    private static let kept: [StaticString] = ["model", "instructions"]

    /// A body that asks for a summary of a conversation: earlier items, the request's own, and what is wanted.
    package func composeCompaction(
        _ body: ByteBuffer,
        tape: JSONTape,
        history: ByteBuffer,
        items: [String: ByteBuffer]
    ) throws(APIError) -> ByteBuffer {
        try RequestBody.read(body, tape: tape, options: options) { (body) throws(APIError) -> ByteBuffer in
            let input = body.root.present("input")
            guard history.readableBytes > 0 || input.map({ !$0.isEmptyContainer && !$0.isEmptyString }) == true else {
                throw .missing("input")
            }
            var output = ByteBuffer()
            output.append("{\"input\":[")
            if Self.write(history, input, items, into: &output) { output.append(",") }
            output.append("{\"role\":\"user\",\"content\":")
            output.writeJSON(Self.request)
            output.append("}],\"store\":false")
            for member in body.root.members where Self.kept.contains(where: { member.name.equals($0) }) {
                output.append(",")
                output.writeJSON(member.name)
                output.append(":")
                output.writeJSON(member.value)
            }
            output.append("}")
            return output
        }
    }

    private static func reference(_ item: JSONValue) -> String? {
        guard let id = item.present("id")?.string else { return nil }
        if let type = item.present("type") { return type.equals("item_reference") ? id : nil }
        return item.present("role") == nil ? id : nil
    }

    /// The body with earlier items in front of its own, and with items in the place of references to them.
    ///
    /// References to items that are not given stay.
    package func compose(_ body: ByteBuffer, tape: JSONTape, history: ByteBuffer, items: [String: ByteBuffer])
        throws(APIError) -> ByteBuffer
    {
        try RequestBody.read(body, tape: tape, options: options) { (body) throws(APIError) -> ByteBuffer in
            var output = ByteBuffer()
            output.reserveCapacity(body.count + history.readableBytes + 64)
            output.append("{\"input\":[")
            _ = Self.write(history, body.root.present("input"), items, into: &output)
            output.append("]")
            for member in body.root.members where !member.name.equals("input") {
                output.append(",")
                output.writeJSON(member.name)
                output.append(":")
                output.writeJSON(member.value)
            }
            output.append("}")
            return output
        }
    }

    /// Appends earlier items and those of an input, separated by commas; false where there are none.
    private static func write(
        _ history: ByteBuffer,
        _ input: JSONValue?,
        _ items: [String: ByteBuffer],
        into output: inout ByteBuffer
    ) -> Bool {
        output.writeImmutableBuffer(history)
        var isFirst = history.readableBytes == 0
        guard let input else { return !isFirst }
        if input.kind == .string {
            if !isFirst { output.append(",") }
            output.append("{\"role\":\"user\",\"content\":")
            output.writeJSON(input)
            output.append("}")
            return true
        }
        for item in input.elements {
            if !isFirst { output.append(",") }
            isFirst = false
            if let id = Self.reference(item), let stored = items[id] {
                output.writeImmutableBuffer(stored)
            } else {
                output.writeJSON(item)
            }
        }
        return !isFirst
    }
}
