package import NIOCore

extension ByteBuffer {
    /// Appends a value as it came, byte for byte.
    @inline(__always)
    package mutating func writeJSON(_ value: JSONValue) {
        writeBytes(value.text)
    }

    /// Appends a whole number as JSON text.
    package mutating func writeJSON(_ number: Int) {
        writeString(String(number))
    }

    package mutating func writeJSON(_ flag: Bool) {
        if flag { writeStaticString("true") } else { writeStaticString("false") }
    }

    /// Appends a string with its quotes, escaping what JSON asks for.
    package mutating func writeJSON(_ text: String) {
        writeStaticString("\"")
        writeJSONContent(text)
        writeStaticString("\"")
    }

    /// Appends the inside of a string, without quotes, escaping what JSON asks for.
    package mutating func writeJSONContent(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var plainStart = 0
            for index in 0..<bytes.count {
                let byte = bytes[index]
                guard byte < 0x20 || byte == 0x22 || byte == 0x5C else { continue }
                writeBytes(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[plainStart..<index]))
                writeEscape(of: byte)
                plainStart = index + 1
            }
            writeBytes(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[plainStart...]))
        }
    }

    private mutating func writeEscape(of byte: UInt8) {
        switch byte {
        case 0x22: writeStaticString("\\\"")
        case 0x5C: writeStaticString("\\\\")
        case 0x0A: writeStaticString("\\n")
        case 0x0D: writeStaticString("\\r")
        case 0x09: writeStaticString("\\t")
        default:
            let digits = String(byte, radix: 16)
            writeStaticString("\\u00")
            if digits.utf8.count == 1 { writeStaticString("0") }
            writeString(digits)
        }
    }
}
