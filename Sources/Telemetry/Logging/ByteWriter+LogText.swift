import ByteWriting
import NIOCore

extension ByteWriter {
    /// Appends the inside of a quoted string in which nothing can end the line, forge another or steer a terminal.
    ///
    /// Beyond what JSON asks for, DEL, the C1 controls, the line and paragraph separators and the marks that turn the
    /// direction of writing are written as `\u…`: callers choose some of these words.
    mutating func writeLogContent(_ text: String) {
        var text = text
        text.withUTF8 { bytes in
            var plainStart = 0
            var index = 0
            while index < bytes.count {
                let byte = bytes[index]
                if byte >= 0x20, byte < 0x7F, byte != 0x22, byte != 0x5C {
                    index &+= 1
                    continue
                }
                guard let (scalar, width) = Self.controlScalar(in: bytes, at: index) else {
                    index += 1
                    continue
                }
                append(bytes: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[plainStart..<index]))
                writeLogEscape(of: scalar)
                index += width
                plainStart = index
            }
            append(bytes: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[plainStart...]))
        }
    }

    /// Appends a JSON string for the log.
    mutating func writeLogString(_ text: String) {
        append("\"")
        writeLogContent(text)
        append("\"")
    }

    /// Appends a value of a text line: as it is, or quoted where blanks, quotes or controls would make it unclear.
    mutating func writeLogWord(_ text: String) {
        let isPlain = !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }
        if isPlain {
            append(text: text)
        } else {
            writeLogString(text)
        }
    }

    /// Appends words with commas between them.
    mutating func writeList(_ words: [String]) {
        for (index, word) in words.enumerated() {
            if index > 0 { append(",") }
            writeLogContent(word)
        }
    }

    /// The scalar at `index` that must be escaped, with its length in UTF-8; `nil` for the start or middle of another.
    private static func controlScalar(
        in bytes: UnsafeBufferPointer<UInt8>,
        at index: Int
    ) -> (scalar: UInt32, width: Int)? {
        let byte = bytes[index]
        if byte < 0x80 { return (UInt32(byte), 1) }
        if byte == 0xC2, index + 1 < bytes.count, bytes[index + 1] < 0xA0 { return (UInt32(bytes[index + 1]), 2) }
        guard byte == 0xE2, index + 2 < bytes.count else { return nil }
        let scalar = 0x2000 | UInt32(bytes[index + 1] & 0x3F) << 6 | UInt32(bytes[index + 2] & 0x3F)
        switch scalar {
        case 0x2028...0x202E, 0x2066...0x2069: return (scalar, 3)
        default: return nil
        }
    }

    private mutating func writeLogEscape(of scalar: UInt32) {
        switch scalar {
        case 0x22: append("\\\"")
        case 0x5C: append("\\\\")
        case 0x0A: append("\\n")
        case 0x0D: append("\\r")
        case 0x09: append("\\t")
        default:
            append("\\u")
            append(hexadecimal: UInt64(scalar), digits: 4)
        }
    }

    /// Appends a duration in milliseconds with three decimals, such as `12.345`.
    mutating func writeMilliseconds(_ amount: TimeAmount) {
        let micros = max(0, amount.nanoseconds / 1000)
        let (whole, fraction) = micros.quotientAndRemainder(dividingBy: 1000)
        append(number: Int(whole))
        append(byte: UInt8(ascii: "."))
        append(byte: UInt8(truncatingIfNeeded: 0x30 + fraction / 100))
        append(byte: UInt8(truncatingIfNeeded: 0x30 + fraction / 10 % 10))
        append(byte: UInt8(truncatingIfNeeded: 0x30 + fraction % 10))
    }
}
