import ByteWriting
package import NIOCore

extension ByteBuffer {
    /// Appends a value as it came, byte for byte.
    @inline(__always)
    package mutating func writeJSON(_ value: JSONValue) {
        append(bytes: value.text)
    }

    /// Appends the text of a value as a JSON string, without the blanks between its tokens: `{"a": 1}` → `"{\"a\":1}"`.
    package mutating func writeJSONText(asString value: JSONValue) {
        let text = value.text
        writeWithUnsafeMutableBytes(minimumWritableBytes: text.count * 2 + 2) { output in
            var position = 0
            func put(_ byte: UInt8) {
                output[position] = byte
                position += 1
            }
            put(0x22)
            var isInside = false
            var isEscaped = false
            for byte in text {
                switch byte {
                case 0x22:
                    if !isEscaped { isInside.toggle() }
                    isEscaped = false
                    put(0x5C)
                    put(0x22)
                case 0x5C:
                    isEscaped.toggle()
                    put(0x5C)
                    put(0x5C)
                case 0x20, 0x09, 0x0A, 0x0D:
                    isEscaped = false
                    if isInside { put(byte) }
                default:
                    isEscaped = false
                    put(byte)
                }
            }
            put(0x22)
            return position
        }
    }

    /// Appends a whole number as JSON text.
    package mutating func writeJSON(_ number: Int) {
        append(number: number)
    }

    package mutating func writeJSON(_ flag: Bool) {
        if flag { append("true") } else { append("false") }
    }

    /// Appends a string with its quotes, escaping what JSON asks for.
    package mutating func writeJSON(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            let bytes = UnsafeRawBufferPointer(bytes)
            if Self.firstSpecial(bytes) == nil {
                append("\"", bytes, "\"")
            } else {
                append("\"")
                writeJSONContent(bytes)
                append("\"")
            }
        }
    }

    /// Appends the inside of a string, without quotes, escaping what JSON asks for.
    package mutating func writeJSONContent(_ text: String) {
        var text = text
        text.withUTF8 { writeJSONContent(UnsafeRawBufferPointer($0)) }
    }

    private mutating func writeJSONContent(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes
        while let special = Self.firstSpecial(rest) {
            append(bytes: UnsafeRawBufferPointer(rebasing: rest[..<special]))
            writeEscape(of: rest[special])
            rest = UnsafeRawBufferPointer(rebasing: rest[(special + 1)...])
        }
        append(bytes: rest)
    }

    /// Whether a text is no JSON string as it is, in quotes.
    package static func needsJSONEscapes(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { firstSpecial(UnsafeRawBufferPointer($0)) != nil }
    }

    /// The first byte that must be escaped; looked for eight bytes at a time.
    private static func firstSpecial(_ bytes: UnsafeRawBufferPointer) -> Int? {
        let ones: UInt64 = 0x0101_0101_0101_0101
        var position = 0
        while position + 8 <= bytes.count {
            let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            let found =
                (((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash) | ((word &- ones &* 0x20) & ~word))
                & 0x8080_8080_8080_8080
            if found != 0 { return position + found.trailingZeroBitCount >> 3 }
            position += 8
        }
        while position < bytes.count {
            let byte = bytes[position]
            if byte < 0x20 || byte == 0x22 || byte == 0x5C { return position }
            position += 1
        }
        return nil
    }

    private mutating func writeEscape(of byte: UInt8) {
        switch byte {
        case 0x22: append("\\\"")
        case 0x5C: append("\\\\")
        case 0x0A: append("\\n")
        case 0x0D: append("\\r")
        case 0x09: append("\\t")
        default:
            let digits = String(byte, radix: 16)
            append("\\u00")
            if digits.utf8.count == 1 { append("0") }
            append(text: digits)
        }
    }
}
