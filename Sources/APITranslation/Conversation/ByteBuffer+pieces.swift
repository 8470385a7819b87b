import NIOCore

extension ByteBuffer {
    /// Appends three pieces at once: what is the same in all events before and behind a text.
    @inline(__always)
    mutating func write(_ head: [UInt8], _ text: UnsafeRawBufferPointer, _ tail: [UInt8]) {
        writeWithUnsafeMutableBytes(minimumWritableBytes: head.count + text.count + tail.count) { target in
            head.withUnsafeBytes { target.copyMemory(from: $0) }
            UnsafeMutableRawBufferPointer(rebasing: target[head.count...]).copyMemory(from: text)
            let rest = UnsafeMutableRawBufferPointer(rebasing: target[(head.count + text.count)...])
            tail.withUnsafeBytes { rest.copyMemory(from: $0) }
            return head.count + text.count + tail.count
        }
    }
}
