import JSONBytes

/// Counts what a request has, for an estimate of its tokens.
struct TokenCount {
    /// Characters below U+0080, quarter tokens.
    private var narrow = 0
    /// Other characters, at two thirds of a token.
    private var wide = 0
    /// Whole tokens.
    var tokens = 3
    /// Long texts are judged by their beginning.
    var samplesTexts = false
    private static let sample = 1024

    var total: Int {
        tokens + (narrow + 3) / 4 + (wide * 2 + 2) / 3
    }

    /// The text of a string; nothing for other kinds.
    mutating func add(_ value: JSONValue?) {
        guard let content = value?.escapedContent else { return }
        count(content)
    }

    /// The text of any value, without the blanks between its tokens.
    mutating func add(json value: JSONValue) {
        let text = value.text
        if samplesTexts { return count(text) }
        // Line breaks stand between tokens only: where there are none, blanks are few.
        guard text.count > 0, Self.hasLineBreak(text) else { return count(text) }
        var isInside = false
        var isEscaped = false
        for byte in text {
            if byte >= 0xC0 {
                wide += 1
            } else if byte < 0x80, isInside || byte > 0x20 {
                narrow += 1
            }
            if byte == 0x22, !isEscaped { isInside.toggle() }
            isEscaped = byte == 0x5C && !isEscaped
        }
    }

    private static func hasLineBreak(_ text: UnsafeRawBufferPointer) -> Bool {
        // Who writes JSON in lines breaks it behind the first bracket or comma.
        for byte in text.prefix(256) where byte == 0x0A { return true }
        return false
    }

    private mutating func count(_ text: UnsafeRawBufferPointer) {
        guard samplesTexts, text.count > Self.sample else { return countAll(text) }
        var beginning = TokenCount()
        beginning.countAll(UnsafeRawBufferPointer(rebasing: text.prefix(Self.sample)))
        narrow += beginning.narrow * (text.count / Self.sample)
        wide += beginning.wide * (text.count / Self.sample)
    }

    /// Counts characters, eight bytes at a time: an escape sequence is one, and `\\uXXXX` is a wide one, because clients
    /// that escape everything write Chinese so.
    private mutating func countAll(_ text: UnsafeRawBufferPointer) {
        let high: UInt64 = 0x8080_8080_8080_8080
        let ones: UInt64 = 0x0101_0101_0101_0101
        guard let base = text.baseAddress else { return }
        let count = text.count
        var (continuations, leads, escapes, units) = (0, 0, 0, 0)
        /// Whether the byte before is a backslash.
        var carry: UInt64 = 0
        var position = 0
        while position < count {
            var word: UInt64 = 0
            if position &+ 8 <= count {
                word = UInt64(littleEndian: (base + position).loadUnaligned(as: UInt64.self))
            } else {
                for index in position..<count { word |= UInt64(text[index]) << UInt64((index - position) * 8) }
            }
            position &+= 8
            let slash = word ^ (ones &* 0x5C)
            // Never misses a backslash; most words have neither one nor a byte outside ASCII.
            guard (word & high) | ((slash &- ones) & ~slash & high) | carry != 0 else { continue }
            let beyond = word & high
            let lead = beyond & (word << 1)
            leads &+= lead.nonzeroBitCount
            continuations &+= (beyond & ~lead).nonzeroBitCount
            // Exact for each byte: 0x80 where it is a backslash, and where it is a `u`.
            let isSlash = ~(((slash & ~high) &+ ~high) | slash | ~high)
            let unit = word ^ (ones &* 0x75)
            let isUnit = ~(((unit & ~high) &+ ~high) | unit | ~high)
            escapes &+= isSlash.nonzeroBitCount
            units &+= (isUnit & (isSlash << 8 | carry)).nonzeroBitCount
            carry = isSlash >> 56
        }
        wide += leads + units
        // Of the six bytes of a unit, the backslash is counted among the escapes.
        narrow += text.count - continuations - leads - escapes - units * 5
    }
}
