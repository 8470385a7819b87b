public import NIOCore

/// How many bytes a connection reads at once, between 1 KiB and 64 KiB.
///
/// A channel keeps its last buffer as long as it lives. NIO's own rule begins with 2 KiB, which most requests and events
/// never fill; and it doubles, so a long body takes several reads more. A full read takes four times the size for the
/// next; two reads in a row that fill less than half of it take half.
public struct ReadBufferSize: RecvByteBufferAllocator {
    private static let smallest: Int32 = 1 << 10
    private static let largest: Int32 = 1 << 16

    private var size = Self.smallest
    private var lastWasShort = false

    public init() {}

    public func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        allocator.buffer(capacity: Int(size))
    }

    public func nextBufferSize() -> Int? { Int(size) }

    public mutating func record(actualReadBytes: Int) -> Bool {
        let isShort = actualReadBytes <= Int(size) / 2
        defer { if !isShort { lastWasShort = false } }
        if actualReadBytes >= Int(size), size < Self.largest {
            size = min(size * 4, Self.largest)
            return true
        }
        guard isShort, size > Self.smallest else { return false }
        if lastWasShort { size /= 2 }
        lastWasShort.toggle()
        return false
    }
}
