public import NIOCore

/// Writes small pieces one after another into memory that is there already.
///
/// Bytes that do not fit are counted but not written: ``ByteBuffer/compose(capacity:_:)`` then makes room and begins
/// again.
public struct ByteWriter: ~Copyable {
    @usableFromInline let start: UnsafeMutableRawPointer?
    @usableFromInline let capacity: Int
    /// Bytes appended so far, those that did not fit included.
    @usableFromInline var count = 0

    @inlinable
    init(_ memory: UnsafeMutableRawBufferPointer) {
        start = memory.baseAddress
        capacity = memory.count
    }

    @inlinable
    @inline(__always)
    mutating func append(_ bytes: UnsafeRawPointer, _ length: Int) {
        let end = count &+ length
        if end <= capacity, let start { (start + count).copyMemory(from: bytes, byteCount: length) }
        count = end
    }

    /// Appends a text of the program, as UTF-8.
    @inlinable
    @inline(__always)
    public mutating func append(_ text: StaticString) {
        append(UnsafeRawPointer(text.utf8Start), text.utf8CodeUnitCount)
    }

    @inlinable
    @inline(__always)
    public mutating func append(byte: UInt8) {
        if count < capacity, let start { start.storeBytes(of: byte, toByteOffset: count, as: UInt8.self) }
        count &+= 1
    }

    /// Appends bytes as they are.
    @inlinable
    public mutating func append(bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        append(start, bytes.count)
    }

    /// Appends a text as UTF-8.
    @inlinable
    public mutating func append(text: String) {
        var text = text
        text.withUTF8 { append(bytes: UnsafeRawBufferPointer($0)) }
    }

    /// Appends what a buffer has to read.
    @inlinable
    public mutating func append(_ buffer: ByteBuffer) {
        buffer.withUnsafeReadableBytes { append(bytes: $0) }
    }

    /// Appends a whole number in decimal.
    public mutating func append(number: Int) {
        var rest = number.magnitude
        if number < 0 { append(byte: UInt8(ascii: "-")) }
        var length = 1
        var bound: UInt = 10
        while rest >= bound, length < 20 {
            length += 1
            let (next, overflow) = bound.multipliedReportingOverflow(by: 10)
            if overflow { break }
            bound = next
        }
        var place = count + length
        count = place
        guard place <= capacity, let start else { return }
        for _ in 0..<length {
            let quotient = rest / 10
            place -= 1
            let digit = UInt8(truncatingIfNeeded: rest - quotient * 10)
            start.storeBytes(of: digit + 0x30, toByteOffset: place, as: UInt8.self)
            rest = quotient
        }
    }

    /// Appends the low `digits` hexadecimal digits of a number, in lower case.
    public mutating func append(hexadecimal number: UInt64, digits: Int) {
        var place = count + digits
        count = place
        guard place <= capacity, let start else { return }
        var rest = number
        for _ in 0..<digits {
            place -= 1
            let digit = UInt8(truncatingIfNeeded: rest & 0xF)
            start.storeBytes(of: digit < 10 ? digit &+ 0x30 : digit &+ 0x57, toByteOffset: place, as: UInt8.self)
            rest >>= 4
        }
    }
}

extension ByteWriter {
    /// Hands out the bytes that `compose` writes, from memory that lives as long as the call.
    ///
    /// `capacity` is what is usually enough; where it was not, `compose` runs a second time.
    @inlinable
    public static func withBytes<Result>(
        capacity: Int,
        _ compose: (inout ByteWriter) -> Void,
        use: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        var needed = capacity
        while true {
            let result: Result? = withUnsafeTemporaryAllocation(byteCount: needed, alignment: 8) { memory in
                var writer = ByteWriter(memory)
                compose(&writer)
                let count = writer.count
                guard count <= memory.count else {
                    needed = count
                    return nil
                }
                return use(UnsafeRawBufferPointer(rebasing: memory[..<count]))
            }
            if let result { return result }
        }
    }
}

extension ByteBuffer {
    /// A new buffer with what `compose` writes.
    ///
    /// `capacity` is what is usually enough; where it was not, `compose` runs a second time.
    @inlinable
    public init(capacity: Int, composing compose: (inout ByteWriter) -> Void) {
        self = ByteBufferAllocator().buffer(capacity: capacity)
        self.compose(capacity: capacity, compose)
    }

    /// Appends what `compose` writes.
    ///
    /// `capacity` is what is usually enough; where it was not, `compose` runs a second time.
    @inlinable
    public mutating func compose(capacity: Int, _ compose: (inout ByteWriter) -> Void) {
        var needed = capacity
        while true {
            let room = needed
            needed = 0
            writeWithUnsafeMutableBytes(minimumWritableBytes: room) { memory in
                var writer = ByteWriter(memory)
                compose(&writer)
                let count = writer.count
                guard count <= memory.count else {
                    needed = count
                    return 0
                }
                return count
            }
            if needed == 0 { return }
        }
    }
}
