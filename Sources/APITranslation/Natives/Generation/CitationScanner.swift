/// Finds citation markers, `[3]` and `[ref_3]`, in a text that arrives in pieces, and counts its characters.
///
/// Works on the inside of JSON strings as they came. A character is a Unicode scalar, as in Python's strings.
/// Remembers a few numbers instead of the text, so that memory stays flat.
struct CitationScanner: Sendable {
    struct Citation: Equatable, Sendable {
        /// The number in the marker; DashScope counts its sources from 1.
        var number: Int
        /// Position of the opening bracket.
        var start: Int
        /// Position behind the closing bracket.
        var end: Int
    }

    private enum Phase: Sendable {
        case text
        /// Behind `[` and so many letters of `ref_`.
        case bracket(Int)
        case number
    }

    private static let maximumCount = 1024
    private static let word: StaticString = "ref_"

    /// Characters so far.
    private(set) var count = 0
    private(set) var citations: [Citation] = []
    private var phase = Phase.text
    private var start = 0
    private var number = 0

    /// Reads the next piece; escape sequences must not be split.
    mutating func scan(_ text: UnsafeRawBufferPointer) {
        var index = 0
        while index < text.count {
            if case .text = phase {
                index = skipPlain(text, from: index)
                guard index < text.count else { return }
            }
            let byte = text[index]
            index += 1
            if byte == UInt8(ascii: "\\") {
                index = escape(text, at: index)
            } else if byte & 0xC0 != 0x80 {
                count += 1
                step(byte)
            }
        }
    }

    /// Passes whole words of ASCII text without brackets and escape sequences.
    private mutating func skipPlain(_ text: UnsafeRawBufferPointer, from start: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let high: UInt64 = 0x8080_8080_8080_8080
        var index = start
        while index + 8 <= text.count {
            let word = text.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            let bracket = word ^ (ones &* 0x5B)
            let backslash = word ^ (ones &* 0x5C)
            let found = (((bracket &- ones) & ~bracket) | ((backslash &- ones) & ~backslash) | word) & high
            guard found == 0 else { break }
            index += 8
        }
        count += index - start
        return index
    }

    private mutating func escape(_ text: UnsafeRawBufferPointer, at index: Int) -> Int {
        phase = .text
        guard index < text.count, text[index] == UInt8(ascii: "u"), index + 5 <= text.count else {
            count += 1
            return index + 1
        }
        // The second half of a surrogate pair belongs to the character before.
        let isLowSurrogate =
            text[index + 1] | 0x20 == UInt8(ascii: "d") && text[index + 2] | 0x20 >= UInt8(ascii: "c")
            && text[index + 2] > UInt8(ascii: "9")
        if !isLowSurrogate { count += 1 }
        return index + 5
    }

    private mutating func step(_ byte: UInt8) {
        let digit = byte &- 0x30
        switch phase {
        case _ where byte == UInt8(ascii: "["):
            phase = .bracket(0)
            start = count - 1
            number = 0
        case .bracket(let letters) where letters < 4 && byte == Self.word.utf8Start[letters]:
            phase = .bracket(letters + 1)
        case .bracket(let letters) where (letters == 0 || letters == 4) && digit < 10:
            phase = .number
            number = Int(digit)
        case .number where digit < 10 && number < 100_000:
            number = number * 10 + Int(digit)
        case .number where byte == UInt8(ascii: "]"):
            phase = .text
            guard citations.count < Self.maximumCount else { return }
            citations.append(Citation(number: number, start: start, end: count))
        default:
            phase = .text
        }
    }
}
