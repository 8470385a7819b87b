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
    ]

    /// Whether a body may refer to something, seen without parsing it.
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
            output.writeImmutableBuffer(history)
            if let input = body.root.present("input") {
                var isFirst = history.readableBytes == 0
                if input.kind == .string {
                    if !isFirst { output.append(",") }
                    output.append("{\"role\":\"user\",\"content\":")
                    output.writeJSON(input)
                    output.append("}")
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
            }
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
}
