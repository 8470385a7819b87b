import ByteWriting
import Glibc
import JSONBytes
import NIOCore

/// A JSON text without its arrays of numbers, each of which is replaced by `[N]`, its place in ``ranges``.
///
/// A vector has thousands of numbers: as values of a parsed text they would take more memory than their digits. What is
/// left is parsed as usual; the arrays are read where they are needed.
struct NumberArrays {
    /// The text with placeholders.
    private(set) var skeleton = ByteBuffer()
    /// Where the arrays stand in the text, brackets included.
    private(set) var ranges: [Range<Int>] = []

    init(_ text: UnsafeRawBufferPointer) {
        guard let base = text.baseAddress else { return }
        var (position, copied) = (0, 0)
        while position < text.count {
            let byte = text[position]
            position += 1
            if byte == UInt8(ascii: "\"") {
                position = Self.endOfString(text, from: position)
            } else if byte == UInt8(ascii: "[") {
                guard Self.beginsWithNumber(text, at: position), let end = Self.find(0x5D, in: text, from: position)
                else { continue }
                skeleton.append(bytes: UnsafeRawBufferPointer(start: base + copied, count: position - copied))
                skeleton.append(number: ranges.count)
                ranges.append(position - 1..<end + 1)
                (position, copied) = (end, end)
            }
        }
        skeleton.append(bytes: UnsafeRawBufferPointer(start: base + copied, count: text.count - copied))
    }

    /// The range of the array that a value stands for; nil for a value that is no array of numbers.
    func range(of value: JSONValue?) -> Range<Int>? {
        guard let value, value.kind == .array else { return nil }
        var elements = value.elements
        guard let place = elements.next()?.integer, elements.next() == nil, ranges.indices.contains(place) else {
            return nil
        }
        return ranges[place]
    }

    /// Appends a value of the skeleton as it stood in `text`; false where an array in it is no JSON.
    ///
    /// The skeleton was parsed without its arrays, so each is checked here.
    func write(_ value: JSONValue, of text: UnsafeRawBufferPointer, into output: inout ByteBuffer) -> Bool {
        let bytes = value.text
        var (position, copied) = (0, 0)
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "\"") {
                position = Self.endOfString(bytes, from: position)
            } else if byte == UInt8(ascii: "["), position < bytes.count, bytes[position] &- 0x30 < 10 {
                output.append(bytes: UnsafeRawBufferPointer(rebasing: bytes[copied..<position - 1]))
                var place = 0
                while position < bytes.count, bytes[position] != 0x5D {
                    place = place * 10 + Int(bytes[position] &- 0x30)
                    position += 1
                }
                position += 1
                copied = position
                guard ranges.indices.contains(place) else { continue }
                let array = UnsafeRawBufferPointer(rebasing: text[ranges[place]])
                guard (try? JSONTape().parse(array)) != nil else { return false }
                output.append(bytes: array)
            }
        }
        output.append(bytes: UnsafeRawBufferPointer(rebasing: bytes[copied...]))
        return true
    }

    private static func beginsWithNumber(_ text: UnsafeRawBufferPointer, at start: Int) -> Bool {
        var position = start
        while position < text.count {
            switch text[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            case 0x30...0x39, UInt8(ascii: "-"): return true
            default: return false
            }
        }
        return false
    }

    /// The position behind the closing quote.
    private static func endOfString(_ text: UnsafeRawBufferPointer, from start: Int) -> Int {
        var position = start
        while position < text.count {
            let byte = text[position]
            if byte == UInt8(ascii: "\\") {
                position += 2
            } else if byte == UInt8(ascii: "\"") {
                return position + 1
            } else {
                position += 1
            }
        }
        return text.count
    }

    /// The next place of a byte.
    private static func find(_ byte: UInt8, in text: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard let base = text.baseAddress, start < text.count,
            let found = memchr(base + start, Int32(byte), text.count - start)
        else { return nil }
        return UnsafeRawPointer(found) - base
    }
}
