/// The line before a chunk: its size, and extensions that are checked and dropped.
struct ChunkLine {
    private(set) var size = 0
    private(set) var extensionLength = 0

    /// Reads the first `length` bytes; nil where they are no such line.
    init?(_ bytes: Span<UInt8>, length: Int) {
        guard length <= bytes.count else { return nil }
        var position = 0
        while position < length, let digit = Self.hexadecimal(bytes[position]) {
            // Fifteen digits cannot overflow.
            guard position < 15 else { return nil }
            size = size << 4 | digit
            position += 1
        }
        guard position > 0 else { return nil }
        extensionLength = length - position
        while position < length {
            guard bytes[position] == UInt8(ascii: ";"),
                let end = Self.extensionEnd(bytes, position + 1, length)
            else { return nil }
            position = end
        }
    }

    /// The end of `name`, `name=token` or `name="text"`; nil where it is none of them.
    private static func extensionEnd(_ bytes: Span<UInt8>, _ start: Int, _ length: Int) -> Int? {
        let name = tokenEnd(bytes, start, length)
        guard name > start else { return nil }
        guard name < length, bytes[name] == UInt8(ascii: "=") else { return name }
        if name + 1 < length, bytes[name + 1] == UInt8(ascii: "\"") {
            var position = name + 2
            while position < length, bytes[position] != UInt8(ascii: "\"") {
                // Escapes inside the text are refused: no client sends them.
                guard bytes[position] >= 0x20, bytes[position] < 0x7F, bytes[position] != UInt8(ascii: "\\") else {
                    return nil
                }
                position += 1
            }
            return position < length ? position + 1 : nil
        }
        let value = tokenEnd(bytes, name + 1, length)
        return value > name + 1 ? value : nil
    }

    private static func tokenEnd(_ bytes: Span<UInt8>, _ start: Int, _ length: Int) -> Int {
        var position = start
        while position < length {
            switch bytes[position] {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                position += 1
            default: return position
            }
        }
        return position
    }

    private static func hexadecimal(_ byte: UInt8) -> Int? {
        switch byte {
        case 0x30...0x39: Int(byte) - 0x30
        case 0x41...0x46: Int(byte) - 0x41 + 10
        case 0x61...0x66: Int(byte) - 0x61 + 10
        default: nil
        }
    }
}
