package import NIOCore

/// Base64 with the standard alphabet and padding.
package enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, letter) in alphabet.enumerated() { values[Int(letter)] = UInt8(value) }
        return values
    }()

    package static func encode(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var (group, count) = (UInt32(0), 0)
        for byte in bytes {
            group = group << 8 | UInt32(byte)
            count += 1
            guard count == 3 else { continue }
            for shift in [18, 12, 6, 0] as [UInt32] { text.append(alphabet[Int(group >> shift & 63)]) }
            (group, count) = (0, 0)
        }
        guard count > 0 else { return text }
        group <<= UInt32(3 - count) * 8
        text.append(alphabet[Int(group >> 18 & 63)])
        text.append(alphabet[Int(group >> 12 & 63)])
        text.append(count == 2 ? alphabet[Int(group >> 6 & 63)] : UInt8(ascii: "="))
        text.append(UInt8(ascii: "="))
        return text
    }

    /// The bytes of a text, or nil where it is no base64; padding may be missing.
    package static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        var (group, bits, padding) = (UInt32(0), 0, 0)
        for letter in text {
            if letter == UInt8(ascii: "=") {
                padding += 1
                continue
            }
            let value = values[Int(letter)]
            guard value != 0xFF, padding == 0 else { return nil }
            group = (group << 6 | UInt32(value)) & 0xFF_FFFF
            bits += 6
            guard bits >= 8 else { continue }
            bits -= 8
            bytes.append(UInt8(truncatingIfNeeded: group >> UInt32(bits)))
        }
        return padding <= 2 && bits < 6 ? bytes : nil
    }

    /// Appends the bytes of a text to a buffer; false, and nothing appended, where it is no base64.
    package static func decode(_ text: UnsafeRawBufferPointer, into output: inout ByteBuffer) -> Bool {
        var count = text.count
        while count > 0, text.count - count < 2, text[count - 1] == UInt8(ascii: "=") { count -= 1 }
        guard count % 4 != 1 else { return false }
        var isValid = true
        output.writeWithUnsafeMutableBytes(minimumWritableBytes: count / 4 * 3 + 3) { bytes in
            values.withUnsafeBufferPointer { values in
                var (group, bits, written) = (UInt32(0), 0, 0)
                // An invalid letter has its high bit set.
                var seen = UInt8(0)
                for place in 0..<count {
                    let value = values[Int(text[place])]
                    seen |= value
                    group = group << 6 | UInt32(value & 63)
                    bits += 6
                    guard bits >= 8 else { continue }
                    bits -= 8
                    bytes[written] = UInt8(truncatingIfNeeded: group >> UInt32(bits))
                    written += 1
                }
                isValid = seen < 0x80
                return isValid ? written : 0
            }
        }
        return isValid
    }
}
