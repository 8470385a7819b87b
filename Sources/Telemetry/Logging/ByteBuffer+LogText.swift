import NIOCore

extension ByteBuffer {
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
                    index += 1
                    continue
                }
                guard let (scalar, width) = Self.controlScalar(in: bytes, at: index) else {
                    index += 1
                    continue
                }
                writeBytes(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[plainStart..<index]))
                writeLogEscape(of: scalar)
                index += width
                plainStart = index
            }
            writeBytes(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[plainStart...]))
        }
    }

    /// Appends a JSON string for the log.
    mutating func writeLogString(_ text: String) {
        writeStaticString("\"")
        writeLogContent(text)
        writeStaticString("\"")
    }

    /// Appends a value of a text line: as it is, or quoted where blanks, quotes or controls would make it unclear.
    mutating func writeLogWord(_ text: String) {
        let isPlain = !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }
        if isPlain {
            writeString(text)
        } else {
            writeLogString(text)
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
        case 0x22: writeStaticString("\\\"")
        case 0x5C: writeStaticString("\\\\")
        case 0x0A: writeStaticString("\\n")
        case 0x0D: writeStaticString("\\r")
        case 0x09: writeStaticString("\\t")
        default:
            writeStaticString("\\u")
            writeHexadecimal(UInt64(scalar), digits: 4)
        }
    }

    /// Appends the low `digits` hexadecimal digits of a number, in lower case.
    mutating func writeHexadecimal(_ number: UInt64, digits: Int) {
        for place in stride(from: (digits - 1) * 4, through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: number >> UInt64(place)) & 0xF
            writeInteger(digit < 10 ? digit + 0x30 : digit + 0x57)
        }
    }

    /// Appends a duration in milliseconds with three decimals, such as `12.345`.
    mutating func writeMilliseconds(_ amount: TimeAmount) {
        let micros = max(0, amount.nanoseconds / 1000)
        let fraction = UInt64(micros % 1000)
        writeString(String(micros / 1000))
        let digits = (fraction / 100) << 16 | (fraction / 10 % 10) << 8 | fraction % 10
        writeInteger(UInt32(0x2E30_3030 + digits))
    }
}
