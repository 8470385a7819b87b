package import NIOCore

/// Mends the texts of JSON strings that hold half a surrogate pair or bytes that are no UTF-8.
package enum JSONRepair {
    /// Whether a text that was refused with this error can be mended.
    package static func canMend(_ error: JSONError) -> Bool {
        error.code == .loneSurrogate || error.code == .invalidUTF8
    }

    /// The same text with U+FFFD in place of each half pair and each byte that is no UTF-8.
    ///
    /// Everything else is copied as it came, so that other faults are still found by the parser.
    package static func mended(_ text: UnsafeRawBufferPointer) -> ByteBuffer {
        var output = ByteBuffer()
        output.reserveCapacity(text.count + 64)
        text.withMemoryRebound(to: UInt8.self) { bytes in
            guard let base = bytes.baseAddress else { return }
            var start = 0
            var position = 0
            // Appends what stands before the fault and the replacement, and goes on behind it.
            func replace(_ length: Int, by replacement: StaticString) {
                output.writeBytes(UnsafeBufferPointer(rebasing: bytes[start..<position]))
                output.writeStaticString(replacement)
                position += length
                start = position
            }
            while position < bytes.count {
                let byte = base[position]
                if byte == UInt8(ascii: "\\") {
                    guard let unit = unit(base, at: position, bytes.count), unit & 0xF800 == 0xD800 else {
                        position += 2
                        continue
                    }
                    let isHigh = unit & 0xFC00 == 0xD800
                    if isHigh, let low = Self.unit(base, at: position + 6, bytes.count), low & 0xFC00 == 0xDC00 {
                        position += 12
                    } else {
                        replace(6, by: "\\ufffd")
                    }
                } else if byte >= 0x80 {
                    let length = JSONEscapes.utf8Length(base + position, available: bytes.count - position)
                    if length > 0 { position += length } else { replace(1, by: "\u{FFFD}") }
                } else {
                    position += 1
                }
            }
            output.writeBytes(UnsafeBufferPointer(rebasing: bytes[start...]))
        }
        return output
    }

    /// The UTF-16 unit of a `\uXXXX` that begins here.
    private static func unit(_ base: UnsafePointer<UInt8>, at position: Int, _ count: Int) -> UInt16? {
        guard position + 6 <= count, base[position] == UInt8(ascii: "\\"), base[position + 1] == UInt8(ascii: "u")
        else { return nil }
        return JSONEscapes.hexadecimal(base + position + 2)
    }
}
