/// Escape sequences and UTF-8 sequences, read and written.
enum JSONEscapes {
    /// The value of four hexadecimal digits, or nil.
    static func hexadecimal(_ digits: UnsafePointer<UInt8>) -> UInt16? {
        var unit: UInt16 = 0
        for index in 0..<4 {
            let byte = digits[index]
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x41...0x46: digit = byte - 0x41 + 10
            case 0x61...0x66: digit = byte - 0x61 + 10
            default: return nil
            }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }

    /// The length of the multi-byte UTF-8 sequence here; 0 where there is no valid one.
    static func utf8Length(_ bytes: UnsafePointer<UInt8>, available: Int) -> Int {
        func continuation(_ index: Int) -> Bool { bytes[index] & 0xC0 == 0x80 }
        switch bytes[0] {
        case 0xC2...0xDF:
            return available >= 2 && continuation(1) ? 2 : 0
        case 0xE0...0xEF:
            guard available >= 3, continuation(1), continuation(2) else { return 0 }
            if bytes[0] == 0xE0, bytes[1] < 0xA0 { return 0 }
            if bytes[0] == 0xED, bytes[1] >= 0xA0 { return 0 }
            return 3
        case 0xF0...0xF4:
            guard available >= 4, continuation(1), continuation(2), continuation(3) else { return 0 }
            if bytes[0] == 0xF0, bytes[1] < 0x90 { return 0 }
            if bytes[0] == 0xF4, bytes[1] >= 0x90 { return 0 }
            return 4
        default:
            return 0
        }
    }

    /// Resolves the escape sequences of a string that `JSONScanner` has accepted.
    static func unescape(_ content: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]) {
        guard let base = content.baseAddress else { return }
        var index = 0
        while index < content.count {
            let byte = base[index]
            guard byte == UInt8(ascii: "\\") else {
                output.append(byte)
                index += 1
                continue
            }
            let kind = base[index + 1]
            index += 2
            switch kind {
            case UInt8(ascii: "b"): output.append(0x08)
            case UInt8(ascii: "f"): output.append(0x0C)
            case UInt8(ascii: "n"): output.append(0x0A)
            case UInt8(ascii: "r"): output.append(0x0D)
            case UInt8(ascii: "t"): output.append(0x09)
            case UInt8(ascii: "u"):
                var scalar = UInt32(hexadecimal(base + index) ?? 0xFFFD)
                index += 4
                if scalar & 0xFC00 == 0xD800 {
                    let low = UInt32(hexadecimal(base + index + 2) ?? 0xDC00)
                    index += 6
                    scalar = 0x10000 + (scalar & 0x3FF) << 10 + (low & 0x3FF)
                }
                output.append(contentsOf: UTF8.encode(Unicode.Scalar(scalar) ?? "\u{FFFD}") ?? .init())
            default: output.append(kind)
            }
        }
    }
}

extension [UInt8] {
    /// The bytes of a string's text, given its inside as it stands in valid JSON.
    package init(unescaping content: UnsafeRawBufferPointer) {
        self.init()
        reserveCapacity(content.count)
        content.withMemoryRebound(to: UInt8.self) { JSONEscapes.unescape($0, into: &self) }
    }
}
