import CTextScan

/// Reads the tokens of a JSON text, checking each against RFC 8259.
///
/// Works on 64-bit words, and on vectors in C where a string is long: generic SIMD comparisons of Swift are not
/// specialised by the compiler and run at a fiftieth of the speed. Positions are added up without a check for overflow:
/// a text is shorter than 4 GiB.
struct JSONScanner {
    /// Where a string counts as long.
    private static let longString = 32

    let base: UnsafePointer<UInt8>
    let count: Int
    private(set) var position = 0

    init(base: UnsafePointer<UInt8>, count: Int) {
        self.base = base
        self.count = count
    }

    @inline(__always)
    mutating func advance() {
        position &+= 1
    }

    @inline(__always)
    func peek() throws(JSONError) -> UInt8 {
        guard position < count else { throw JSONError(.unexpectedEnd, at: position) }
        return base[position]
    }

    @inline(__always)
    mutating func skipWhitespace() {
        while position < count {
            let byte = base[position]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            position &+= 1
        }
    }

    mutating func literal(_ text: StaticString) throws(JSONError) {
        for index in 0..<text.utf8CodeUnitCount {
            guard position < count else { throw JSONError(.unexpectedEnd, at: position) }
            guard base[position] == text.utf8Start[index] else { throw JSONError(.unexpectedCharacter, at: position) }
            position &+= 1
        }
    }

    mutating func number() throws(JSONError) {
        let start = position
        if base[position] == UInt8(ascii: "-") { position &+= 1 }
        guard position < count else { throw JSONError(.unexpectedEnd, at: position) }
        guard Self.isDigit(base[position]) else {
            throw JSONError(position == start ? .unexpectedCharacter : .invalidNumber, at: position)
        }
        if base[position] == UInt8(ascii: "0") {
            position &+= 1
            if position < count, Self.isDigit(base[position]) { throw JSONError(.invalidNumber, at: position) }
        } else {
            digits()
        }
        if position < count, base[position] == UInt8(ascii: ".") {
            position &+= 1
            try someDigits()
        }
        if position < count, base[position] | 0x20 == UInt8(ascii: "e") {
            position &+= 1
            if position < count, base[position] == UInt8(ascii: "+") || base[position] == UInt8(ascii: "-") {
                position &+= 1
            }
            try someDigits()
        }
    }

    private mutating func someDigits() throws(JSONError) {
        guard position < count else { throw JSONError(.unexpectedEnd, at: position) }
        guard Self.isDigit(base[position]) else { throw JSONError(.invalidNumber, at: position) }
        digits()
    }

    private mutating func digits() {
        while position < count, Self.isDigit(base[position]) { position &+= 1 }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10
    }

    /// Reads a string whose opening quote is here; says whether it holds escape sequences.
    @inline(__always)
    mutating func string() throws(JSONError) -> Bool {
        position &+= 1
        var escaped = false
        let long = position &+ Self.longString
        while true {
            // Words are quicker for keys and short texts, vectors for what is full of escapes and Chinese.
            let isNearEnd = position &+ 64 > count
            if position >= long, !isNearEnd {
                position = text_scan_string(base, position, count, &escaped)
                _ = skipPlain(until: .max)
            } else if skipPlain(until: isNearEnd ? .max : long) {
                continue
            }
            guard position < count else { throw JSONError(.unexpectedEnd, at: position) }
            let byte = base[position]
            if byte == UInt8(ascii: "\"") {
                position &+= 1
                return escaped
            }
            if byte == UInt8(ascii: "\\") {
                escaped = true
                // The escapes of every text: line breaks and quotes.
                if position &+ 1 < count, base[position &+ 1] == 0x6E || base[position &+ 1] == 0x22 {
                    position &+= 2
                } else {
                    try escape()
                }
            } else if byte &- 0xE1 < 12, position &+ 2 < count, base[position &+ 1] & 0xC0 == 0x80,
                base[position &+ 2] & 0xC0 == 0x80
            {
                // Three bytes without special cases, one after the other: most of Chinese.
                repeat {
                    position &+= 3
                } while position &+ 2 < count && base[position] &- 0xE1 < 12 && base[position &+ 1] & 0xC0 == 0x80
                    && base[position &+ 2] & 0xC0 == 0x80
            } else if byte < 0x20 {
                throw JSONError(.controlCharacter, at: position)
            } else {
                try multibyte()
            }
        }
    }

    /// Moves to the next quote, backslash, control character or byte outside ASCII; true where it stopped behind
    /// `end` before one was met.
    @inline(__always)
    private mutating func skipPlain(until end: Int) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let high: UInt64 = 0x8080_8080_8080_8080
        while position &+ 8 <= count {
            let word = UInt64(littleEndian: UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self))
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            let found =
                (((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash) | ((word &- ones &* 0x20) & ~word)
                    | word) & high
            if found != 0 {
                position &+= found.trailingZeroBitCount >> 3
                return false
            }
            position &+= 8
            if position >= end { return true }
        }
        while position < count {
            let byte = base[position]
            if byte < 0x20 || byte >= 0x80 || byte == 0x22 || byte == 0x5C { return false }
            position &+= 1
        }
        return false
    }

    private mutating func escape() throws(JSONError) {
        guard position &+ 1 < count else { throw JSONError(.unexpectedEnd, at: count) }
        switch base[position &+ 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position &+= 2
        case UInt8(ascii: "u"):
            let start = position
            let unit = try unicodeEscape()
            if unit & 0xFC00 == 0xDC00 { throw JSONError(.loneSurrogate, at: start) }
            guard unit & 0xFC00 == 0xD800 else { return }
            guard position &+ 1 < count, base[position] == UInt8(ascii: "\\"), base[position &+ 1] == UInt8(ascii: "u")
            else { throw JSONError(.loneSurrogate, at: start) }
            guard try unicodeEscape() & 0xFC00 == 0xDC00 else { throw JSONError(.loneSurrogate, at: start) }
        default:
            throw JSONError(.invalidEscape, at: position)
        }
    }

    private mutating func unicodeEscape() throws(JSONError) -> UInt16 {
        guard position &+ 6 <= count else { throw JSONError(.unexpectedEnd, at: count) }
        guard let unit = JSONEscapes.hexadecimal(base + position + 2) else {
            throw JSONError(.invalidEscape, at: position)
        }
        position &+= 6
        return unit
    }

    /// Checks the UTF-8 sequences from here to the next ASCII byte.
    private mutating func multibyte() throws(JSONError) {
        while position < count, base[position] >= 0x80 {
            let length = JSONEscapes.utf8Length(base + position, available: count - position)
            guard length > 0 else { throw JSONError(.invalidUTF8, at: position) }
            position &+= length
        }
    }
}
