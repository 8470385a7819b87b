import JSONBytes
import Testing

/// Strings that are scanned in blocks of 64 bytes, against a reader that takes one byte after the other.
struct JSONLongStringTests {
    /// Whether these bytes are one JSON string with blanks behind it, and whether it holds an escape.
    private func read(_ bytes: [UInt8]) -> Bool? {
        var index = 1
        var escaped = false
        func unit(_ start: Int) -> UInt32? {
            guard start + 6 <= bytes.count, bytes[start] == UInt8(ascii: "\\"), bytes[start + 1] == UInt8(ascii: "u"),
                bytes[start + 2] != UInt8(ascii: "+")
            else { return nil }
            return UInt32(String(decoding: bytes[(start + 2)..<(start + 6)], as: UTF8.self), radix: 16)
        }
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            guard bytes[index] >= 0x20 else { return nil }
            guard bytes[index] == UInt8(ascii: "\\") else {
                index += 1
                continue
            }
            escaped = true
            guard index + 1 < bytes.count else { return nil }
            if "\"\\/bfnrt".utf8.contains(bytes[index + 1]) {
                index += 2
                continue
            }
            guard let first = unit(index), first & 0xFC00 != 0xDC00 else { return nil }
            index += 6
            guard first & 0xFC00 == 0xD800 else { continue }
            guard let second = unit(index), second & 0xFC00 == 0xDC00 else { return nil }
            index += 6
        }
        guard index < bytes.count, bytes[(index + 1)...].allSatisfy({ $0 == 0x20 }),
            String(validating: bytes[1..<index], as: UTF8.self) != nil
        else { return nil }
        return escaped
    }

    private static let pieces = [
        "plain text", "a", "\\n", "\\\"", "\\\\", "\\\\\\\\\\\\", "\\u4f60", "\\ud83d\\ude00", "\\/", "é", "你好", "ก",
        "한국어", "😀",
        "\u{10FFFD}", "\u{7FF}\u{800}\u{FFFF}", "lorem ipsum \\\"quoted\\\" dolor\\n你好 sit amet. ",
    ].map { Array($0.utf8) }
    private static let marks: [UInt8] = [
        0x00, 0x1F, 0x22, 0x5C, 0x75, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xED,
        0xEF,
        0xF0, 0xF4, 0xF5, 0xFF,
    ]

    @Test(arguments: 0..<20) func blocksAndSingleBytesAgree(block: Int) {
        let memory = GuardedBytes(capacity: 4096)
        let tape = JSONTape()
        var accepted = 0
        for seed in block * 500..<(block + 1) * 500 {
            var random = SeededRandom(seed: UInt64(seed))
            var text = [UInt8(ascii: "\"")]
            let length = 20 + random.below(400)
            while text.count < length { text += random.pick(Self.pieces) }
            text.append(UInt8(ascii: "\""))
            for _ in 0..<random.below(3) {
                let place = 1 + random.below(text.count - 1)
                switch random.below(3) {
                case 0: text[place] = random.pick(Self.marks)
                case 1: text.insert(random.pick(Self.marks), at: place)
                default: text.remove(at: place)
                }
            }
            text += [UInt8](repeating: 0x20, count: random.below(100))
            guard text.first == UInt8(ascii: "\"") else { continue }
            let expected = read(text)
            let found = withExtendedLifetime(tape) { try? tape.parse(memory.place(text)).hasEscapes }
            #expect(found == expected, "seed \(seed)")
            if found != nil { accepted += 1 }
        }
        #expect(accepted > 100)
    }
}
