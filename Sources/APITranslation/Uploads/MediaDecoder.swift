package import NIOCore

/// Decodes base64 out of a JSON string piece by piece.
///
/// Escape sequences are read: PHP escapes slashes, .NET the plus sign, and some clients break lines.
package struct MediaDecoder {
    private static let skipped: UInt8 = 0x80
    private static let padding: UInt8 = 0x81
    private static let escape: UInt8 = 0x82
    private static let invalid: UInt8 = 0xFF
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: invalid, count: 256)
        let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        for (value, letter) in alphabet.utf8.enumerated() { values[Int(letter)] = UInt8(value) }
        values[Int(UInt8(ascii: " "))] = skipped
        values[Int(UInt8(ascii: "="))] = padding
        values[Int(UInt8(ascii: "\\"))] = escape
        return values
    }()

    private var group: UInt32 = 0
    private var bits = 0
    private var paddings = 0
    private var isValid = true
    /// The letters of an escape sequence that is not complete, without the backslash; nil outside of one.
    private var sequence: [UInt8]?

    package init() {}

    /// Appends the bytes of a piece; false where the text is no base64.
    package mutating func decode(_ text: UnsafeRawBufferPointer, into output: inout ByteBuffer) -> Bool {
        output.writeWithUnsafeMutableBytes(minimumWritableBytes: text.count / 4 * 3 + 4) { bytes in
            Self.values.withUnsafeBufferPointer { values in decode(text, values, into: bytes) }
        }
        return isValid
    }

    /// Whether the text was complete.
    package func isComplete() -> Bool { isValid && sequence == nil && bits < 6 && paddings <= 2 }

    private mutating func decode(
        _ text: UnsafeRawBufferPointer,
        _ values: UnsafeBufferPointer<UInt8>,
        into output: UnsafeMutableRawBufferPointer
    ) -> Int {
        var (position, written) = (0, 0)
        while position < text.count {
            if bits == 0, sequence == nil, paddings == 0 {
                // Four letters are three bytes, as long as nothing else comes.
                while position + 4 <= text.count {
                    let first = values[Int(text[position])]
                    let second = values[Int(text[position + 1])]
                    let third = values[Int(text[position + 2])]
                    let fourth = values[Int(text[position + 3])]
                    guard (first | second | third | fourth) < 64 else { break }
                    output[written] = first << 2 | second >> 4
                    output[written + 1] = second << 4 | third >> 2
                    output[written + 2] = third << 6 | fourth
                    position += 4
                    written += 3
                }
                guard position < text.count else { break }
            }
            let letter = text[position]
            position += 1
            if sequence != nil {
                guard let meant = resolve(letter) else { continue }
                take(values[Int(meant)], output, &written)
            } else {
                take(values[Int(letter)], output, &written)
            }
            guard isValid else { break }
        }
        return written
    }

    private mutating func take(_ value: UInt8, _ output: UnsafeMutableRawBufferPointer, _ written: inout Int) {
        switch value {
        case 0..<64:
            guard paddings == 0 else { return isValid = false }
            group = (group << 6 | UInt32(value)) & 0xFF_FFFF
            bits += 6
            guard bits >= 8 else { return }
            bits -= 8
            output[written] = UInt8(truncatingIfNeeded: group >> UInt32(bits))
            written += 1
        case Self.padding: paddings += 1
        case Self.skipped: return
        case Self.escape: sequence = []
        default: isValid = false
        }
    }

    /// The letter that an escape sequence means, once it is complete; a line break is a blank.
    private mutating func resolve(_ letter: UInt8) -> UInt8? {
        var letters = sequence ?? []
        letters.append(letter)
        sequence = letters
        switch letters[0] {
        case UInt8(ascii: "u"):
            guard letters.count == 5 else { return nil }
            sequence = nil
            // What cannot be read is no letter of base64 either.
            return UInt8(String(decoding: letters[1...], as: UTF8.self), radix: 16).map { $0 == 0x5C ? 0 : $0 } ?? 0
        case UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            sequence = nil
            return UInt8(ascii: " ")
        case UInt8(ascii: "/"):
            sequence = nil
            return letter
        default:
            sequence = nil
            return 0
        }
    }
}
