/// Why a text is not JSON, and where.
package struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kind of fault; a closed set.
    package enum Code: String, Sendable {
        case unexpectedEnd
        case unexpectedCharacter
        case invalidNumber
        case invalidEscape
        case loneSurrogate
        case controlCharacter
        case invalidUTF8
        case tooDeep
        case tooLarge
        case tooManyValues
        case trailingCharacters
    }

    package var code: Code
    /// Bytes from the start of the text.
    package var offset: Int

    package init(_ code: Code, at offset: Int) {
        self.code = code
        self.offset = offset
    }

    package var description: String { "\(what) at byte \(offset)" }

    /// The fault with the line and the column that an editor shows; both count from 1, columns in characters of Unicode.
    package func description(in text: some Collection<UInt8>) -> String {
        var (line, column) = (1, 1)
        for byte in text.prefix(offset) {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        return "\(what) at line \(line), column \(column)"
    }

    private var what: String {
        switch code {
        case .unexpectedEnd: "the text ends too early"
        case .unexpectedCharacter: "unexpected character"
        case .invalidNumber: "malformed number"
        case .invalidEscape: "malformed escape sequence in a string"
        case .loneSurrogate: "half of a surrogate pair in a string"
        case .controlCharacter: "unescaped control character in a string"
        case .invalidUTF8: "invalid UTF-8 in a string"
        case .tooDeep: "nested too deeply"
        case .tooLarge: "text too large"
        case .tooManyValues: "too many values"
        case .trailingCharacters: "characters after the end of the value"
        }
    }
}
