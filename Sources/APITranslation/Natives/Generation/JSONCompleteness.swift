/// Tells when the pieces of a JSON object make a whole one, looking at each byte once.
///
/// Only brackets and strings are followed; whether the text is valid is for the parser to say.
struct JSONCompleteness: Sendable {
    private var depth = 0
    private var isInString = false
    private var isEscaped = false

    /// Reads the next piece.
    ///
    /// - Returns: Whether nothing is open behind it.
    mutating func read(_ piece: UnsafeRawBufferPointer) -> Bool {
        for byte in piece {
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
        }
        return depth <= 0 && !isInString
    }
}
