import JSONBytes

/// Questions about all messages of a request.
enum MediaSearch {
    /// Whether any part is a picture, a sound or a video.
    static func hasMedia(_ messages: JSONValue) -> Bool {
        for message in messages.elements {
            guard let content = message["content"], content.kind == .array else { continue }
            for part in content.elements {
                if case .media = try? ContentPart(part, ParameterPath(message: 0)) { return true }
            }
        }
        return false
    }

    /// Whether the word "json" stands in the text of any message, in any case.
    static func mentionsJSON(_ messages: JSONValue) -> Bool {
        for message in messages.elements {
            guard let content = message["content"] else { continue }
            if mentions(content) { return true }
            for part in content.elements {
                if let text = part["text"], mentions(text) { return true }
            }
        }
        return false
    }

    static func mentions(_ text: JSONValue) -> Bool {
        guard let bytes = text.escapedContent, bytes.count >= 4 else { return false }
        var index = 0
        while index + 4 <= bytes.count {
            if bytes[index] | 0x20 == UInt8(ascii: "j"), bytes[index + 1] | 0x20 == UInt8(ascii: "s"),
                bytes[index + 2] | 0x20 == UInt8(ascii: "o"), bytes[index + 3] | 0x20 == UInt8(ascii: "n")
            {
                return true
            }
            index += 1
        }
        return false
    }
}
