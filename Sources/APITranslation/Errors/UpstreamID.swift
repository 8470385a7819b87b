/// Ids that upstream gives and that go on to clients, headers and logs.
package enum UpstreamID {
    /// Longer ids are cut.
    package static let longest = 128

    /// The visible ASCII characters of an id, at most ``longest``; nil where there are none.
    package static func visible(_ id: String) -> String? {
        var text = id
        // Nearly every id is as it should be; its bytes are looked at in place.
        let isFit = text.withUTF8 { bytes in
            bytes.count <= longest && isVisible(UnsafeRawBufferPointer(bytes), allowingBackslash: true)
        }
        if isFit { return id.isEmpty ? nil : id }
        let kept = id.utf8.lazy.filter(isVisible).prefix(longest)
        return kept.isEmpty ? nil : String(decoding: Array(kept), as: UTF8.self)
    }

    /// The same for bytes that stand inside a JSON string: quotes and escape sequences are left out, too.
    static func appendVisible(_ content: UnsafeRawBufferPointer, to id: inout [UInt8]) {
        if id.isEmpty, isVisible(content), !content.contains(0x22) { return id.append(contentsOf: content) }
        for byte in content where id.count < longest && isVisible(byte) && byte != 0x22 && byte != 0x5C {
            id.append(byte)
        }
    }

    /// Whether the bytes can go out as they are.
    static func isVisible(_ content: UnsafeRawBufferPointer) -> Bool {
        content.count <= longest && isVisible(content, allowingBackslash: false)
    }

    private static func isVisible(_ content: UnsafeRawBufferPointer, allowingBackslash: Bool) -> Bool {
        // By index: this is asked of each answer, and an iterator costs thrice as much.
        var index = 0
        while index < content.count {
            guard isVisible(content[index]), allowingBackslash || content[index] != 0x5C else { return false }
            index &+= 1
        }
        return true
    }

    private static func isVisible(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F
    }
}
