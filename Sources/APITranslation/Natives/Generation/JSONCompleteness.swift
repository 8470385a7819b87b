/// Tells when the pieces of a JSON object make a whole one, looking at each byte once.
///
/// Only brackets and strings are followed; whether the text is valid is for the parser to say.
struct JSONCompleteness: Sendable {
    private var depth = 0
    private var hasBegun = false
    private var isInString = false
    private var isEscaped = false

    /// Whether an object or a text has begun and nothing is open.
    var isComplete: Bool { hasBegun && depth <= 0 && !isInString }

    /// Reads the next piece.
    mutating func read(_ piece: UnsafeRawBufferPointer) {
        for byte in piece { read(byte) }
    }

    /// Reads the next piece of a text that is the inside of a JSON string; escape sequences must not be split.
    mutating func read(escaped piece: UnsafeRawBufferPointer) {
        var index = 0
        while index < piece.count {
            let byte = piece[index]
            index += 1
            guard byte == UInt8(ascii: "\\"), index < piece.count else {
                read(byte)
                continue
            }
            let kind = piece[index]
            index += 1
            switch kind {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): read(kind)
            case UInt8(ascii: "u"):
                read(Self.ascii(piece, at: index))
                index += 4
            default: read(UInt8(ascii: " "))
            }
        }
    }

    /// The character of four hexadecimal digits where it is ASCII; a letter otherwise.
    private static func ascii(_ piece: UnsafeRawBufferPointer, at index: Int) -> UInt8 {
        let letter = UInt8(ascii: "x")
        guard index + 4 <= piece.count else { return letter }
        let digits = String(decoding: piece[index..<index + 4], as: UTF8.self)
        guard let unit = UInt16(digits, radix: 16), unit < 0x80 else { return letter }
        return UInt8(unit)
    }

    private mutating func read(_ byte: UInt8) {
        if isInString {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isInString = false
            }
            return
        }
        switch byte {
        case UInt8(ascii: "\""):
            isInString = true
            hasBegun = true
        case UInt8(ascii: "{"), UInt8(ascii: "["):
            depth += 1
            hasBegun = true
        case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
        default: break
        }
    }
}
