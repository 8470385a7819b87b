import ByteWriting
package import JSONBytes
package import NIOCore

/// The body of a request about a conversation.
package struct ConversationRequest: Sendable {
    /// OpenAI takes no more at once.
    private static let mostItems = 20

    /// Items with ids, separated by commas.
    package private(set) var items = ByteBuffer()
    package private(set) var itemCount = 0
    /// Whether the body has them, even none.
    package private(set) var hasItems = false
    package private(set) var hasMetadata = false
    /// A JSON object.
    package private(set) var metadata = ByteBuffer(string: "{}")

    /// Reads a body; `id` is unique and becomes part of the ids of items that have none.
    ///
    /// - Throws: A 400 that names the parameter.
    package init(_ body: ByteBuffer, id: String, tape: JSONTape, options: TranslationOptions) throws(APIError) {
        guard body.readableBytes > 0 else { return }
        self = try RequestBody.read(body, tape: tape, options: options) { (body) throws(APIError) in
            var request = ConversationRequest()
            if let items = body.root.present("items") {
                guard items.kind == .array else { throw .wrongType("items", expected: "array", got: items) }
                try ResponsesScan.check(items, list: "items")
                request.hasItems = true
                (request.items, request.itemCount) = StoredInput.items(of: items, from: 0, id: id)
                guard request.itemCount <= Self.mostItems else {
                    throw .invalidValue("items", "it holds more than \(Self.mostItems) items.")
                }
            }
            if let metadata = body.root.present("metadata") {
                guard metadata.kind == .object else {
                    throw .wrongType("metadata", expected: "object", got: metadata)
                }
                try ResponsesReader.checkMetadata(metadata)
                request.hasMetadata = true
                request.metadata = ResponsesReader.withoutNulls(metadata)
            }
            return request
        }
    }

    private init() {}

    /// The conversation as its owner reads it.
    package func document(id: String, created: Int) -> ByteBuffer {
        var output = ByteBuffer()
        output.append("{\"id\":")
        output.writeJSON(id)
        output.append(",\"object\":\"conversation\",\"created_at\":")
        output.writeJSON(created)
        output.append(",\"metadata\":")
        output.writeImmutableBuffer(metadata)
        output.append("}")
        return output
    }

    /// A document with this metadata in the place of its own.
    package func replacingMetadata(of document: ByteBuffer, tape: JSONTape) -> ByteBuffer {
        document.withUnsafeReadableBytes { bytes in
            guard let root = try? tape.parse(bytes), let id = root["id"]?.string else { return document }
            return self.document(id: id, created: root["created_at"]?.integer ?? 0)
        }
    }
}
