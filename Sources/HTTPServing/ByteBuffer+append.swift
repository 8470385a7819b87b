import NIOCore

/// Writing of small pieces: NIO's own functions spend more on each than its bytes are worth.
extension ByteBuffer {
    mutating func append(_ text: StaticString) {
        append(UnsafeRawPointer(text.utf8Start), text.utf8CodeUnitCount)
    }

    mutating func append(text: String) {
        var text = text
        text.withUTF8 { text in
            guard let start = text.baseAddress else { return }
            append(UnsafeRawPointer(start), text.count)
        }
    }

    @inline(__always)
    private mutating func append(_ start: UnsafeRawPointer, _ count: Int) {
        reserveCapacity(minimumWritableBytes: count)
        let index = writerIndex
        withVeryUnsafeMutableBytes { memory in
            guard let base = memory.baseAddress else { return }
            (base + index).copyMemory(from: start, byteCount: count)
        }
        moveWriterIndex(forwardBy: count)
    }
}
