/// A JSON Schema that stands in a prompt, as frameworks write it there for models without structured output.
struct PromptSchema {
    var schema: JSON
    /// Whether the answer is wanted inside a code fence.
    var wantsFence: Bool

    /// nil where none of the texts holds a schema and asks for JSON.
    init?(texts: [String]) {
        let prompt = texts.joined(separator: "\n")
        let lower = prompt.lowercased()
        guard lower.contains("schema"), lower.contains("json"),
            let schema = Self.documents(in: prompt).last(where: Self.isSchema)
        else { return nil }
        self.schema = schema
        wantsFence = lower.contains("```json codeblock")
    }

    private static func isSchema(_ document: JSON) -> Bool {
        document["properties"]?.members != nil || (document["$ref"] != nil && document["$defs"] != nil)
    }

    /// The objects that stand in a text, outermost ones only.
    static func documents(in text: String) -> [JSON] {
        let bytes = Array(text.utf8)
        var documents: [JSON] = []
        var start = 0
        // A text full of open brackets must not cost the square of its length.
        var attempts = 0
        while attempts < 32, let open = bytes[start...].firstIndex(of: UInt8(ascii: "{")) {
            attempts += 1
            start = open + 1
            guard let end = end(of: bytes[open...].prefix(1 << 15)), let document = JSON(bytes: bytes[open...end])
            else { continue }
            documents.append(document)
            start = end + 1
        }
        return documents
    }

    /// The bracket that closes the one at the beginning.
    private static func end(of bytes: ArraySlice<UInt8>) -> Int? {
        var depth = 0
        var isInString = false
        var isEscaped = false
        for (index, byte) in zip(bytes.indices, bytes) {
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "}"):
                depth -= 1
                if depth == 0 { return index }
            default: continue
            }
        }
        return nil
    }
}
