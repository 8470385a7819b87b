package import NIOCore

extension ByteBuffer {
    /// Appends a value as it came, byte for byte.
    @inline(__always)
    package mutating func writeJSON(_ value: JSONValue) {
        append(bytes: value.text)
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
        append("\"")
        writeJSONContent(text)
        append("\"")
    }

    /// Appends the inside of a string, without quotes, escaping what JSON asks for.
    package mutating func writeJSONContent(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var plainStart = 0
            for index in 0..<bytes.count {
                let byte = bytes[index]
                guard byte < 0x20 || byte == 0x22 || byte == 0x5C else { continue }
                append(bytes: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[plainStart..<index]))
                writeEscape(of: byte)
                plainStart = index + 1
            }
            append(bytes: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[plainStart...]))
        }
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
