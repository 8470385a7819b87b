package import NIOCore

/// Writing of small pieces, of which an answer has a hundred: NIO's own functions spend more on each than its bytes
/// are worth.
extension ByteBuffer {
    /// Appends `count` bytes from `start`.
    @inline(__always)
    private mutating func append(_ start: UnsafeRawPointer, _ count: Int) {
        if writableBytes < count { reserveCapacity(minimumWritableBytes: count) }
        let index = writerIndex
        withVeryUnsafeMutableBytes { memory in
            guard let base = memory.baseAddress else { return }
            (base + index).copyMemory(from: start, byteCount: count)
        }
        moveWriterIndex(forwardBy: count)
    }

    /// Appends a text of the program, as UTF-8.
    package mutating func append(_ text: StaticString) {
        append(text.utf8Start, text.utf8CodeUnitCount)
    }

    /// Appends a text between two texts of the program: one look at the room instead of three.
    package mutating func append(_ head: StaticString, _ middle: UnsafeRawBufferPointer, _ tail: StaticString) {
        let (first, last) = (head.utf8CodeUnitCount, tail.utf8CodeUnitCount)
        let count = first + middle.count + last
        if writableBytes < count { reserveCapacity(minimumWritableBytes: count) }
        let index = writerIndex
        withVeryUnsafeMutableBytes { memory in
            guard let base = memory.baseAddress else { return }
            let start = base + index
            start.copyMemory(from: head.utf8Start, byteCount: first)
            if let text = middle.baseAddress { (start + first).copyMemory(from: text, byteCount: middle.count) }
            (start + first + middle.count).copyMemory(from: tail.utf8Start, byteCount: last)
        }
        moveWriterIndex(forwardBy: count)
    }

    /// Appends a text as UTF-8.
    package mutating func append(text: String) {
        var text = text
        text.withUTF8 { append(bytes: UnsafeRawBufferPointer($0)) }
    }

    /// Appends bytes as they are.
    package mutating func append(bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        append(start, bytes.count)
    }

    package mutating func append(bytes: [UInt8]) {
        bytes.withUnsafeBytes { append(bytes: $0) }
    }

    /// Appends a whole number in decimal.
    package mutating func append(number: Int) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var rest = number.magnitude
            var first = 20
            repeat {
                first -= 1
                let quotient = rest / 10
                digits[first] = UInt8(truncatingIfNeeded: rest - quotient * 10) + 0x30
                rest = quotient
            } while rest > 0
            if number < 0 {
                first -= 1
                digits[first] = UInt8(ascii: "-")
            }
            append(bytes: UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: UnsafeBufferPointer(digits)[first...])))
        }
    }
}
