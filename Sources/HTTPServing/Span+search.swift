/// Searches in bytes, eight at a time; every access is checked against the bounds.
extension Span<UInt8> {
    private static var ones: UInt64 { 0x0101_0101_0101_0101 }
    private static var high: UInt64 { 0x8080_8080_8080_8080 }

    @inline(__always)
    private func word(at position: Int) -> UInt64 {
        UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self))
    }

    /// The first place of a byte at or behind `start`.
    @inline(__always)
    func firstIndex(of byte: UInt8, from start: Int) -> Int? {
        var position = start
        while position + 8 <= count {
            let difference = word(at: position) ^ (Self.ones &* UInt64(byte))
            let found = (difference &- Self.ones) & ~difference & Self.high
            if found != 0 { return position + found.trailingZeroBitCount >> 3 }
            position += 8
        }
        while position < count {
            if self[position] == byte { return position }
            position += 1
        }
        return nil
    }

    /// The first control character at or behind `start`, tab and delete included; the end where there is none.
    @inline(__always)
    func firstControl(from start: Int) -> Int {
        var position = start
        while position + 8 <= count {
            let word = word(at: position)
            let delete = word ^ (Self.ones &* 0x7F)
            let found = (((word &- Self.ones &* 0x20) & ~word) | ((delete &- Self.ones) & ~delete)) & Self.high
            // Borrows disturb higher bytes only: the lowest mark is true.
            if found != 0 { return position + found.trailingZeroBitCount >> 3 }
            position += 8
        }
        while position < count {
            if self[position] < 0x20 || self[position] == 0x7F { return position }
            position += 1
        }
        return count
    }

    /// Whether these very bytes stand at `start`.
    @inline(__always)
    func matches(_ text: StaticString, at start: Int) -> Bool {
        guard start + text.utf8CodeUnitCount <= count else { return false }
        let wanted = text.utf8Start
        for offset in 0..<text.utf8CodeUnitCount where self[start + offset] != wanted[offset] { return false }
        return true
    }

    /// Whether the bytes from `start` to `end` are this text (given in lower case), whatever their case.
    @inline(__always)
    func matchesIgnoringCase(_ text: StaticString, _ start: Int, _ end: Int) -> Bool {
        guard end - start == text.utf8CodeUnitCount else { return false }
        let wanted = text.utf8Start
        for offset in 0..<text.utf8CodeUnitCount {
            let byte = self[start + offset]
            guard (byte &- 0x41 < 26 ? byte | 0x20 : byte) == wanted[offset] else { return false }
        }
        return true
    }

    /// The range without blanks and tabs at its ends.
    @inline(__always)
    func trimmed(_ start: Int, _ end: Int) -> (start: Int, end: Int) {
        var (start, end) = (start, end)
        while start < end, self[start] == 0x20 || self[start] == 0x09 { start += 1 }
        while end > start, self[end - 1] == 0x20 || self[end - 1] == 0x09 { end -= 1 }
        return (start, end)
    }

    func text(_ start: Int, _ end: Int) -> String {
        extracting(start..<end).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }
}
