package import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Cuts the bytes of a DashScope event stream into events.
///
/// Each complete `data:` line is an event: some deployments leave out the blank lines between events. Lines end
/// with LF, CRLF or CR LF split over two reads; other fields and comments are skipped, but for the event's name and
/// `:HTTP_STATUS/NNN`. Bytes may arrive in any division. Source: DashScope chat reference, streaming wire format.
package struct ServerSentEventDecoder: Sendable {
    /// A line grew beyond the limit.
    package struct LineTooLong: Error, Equatable, Sendable {
        package var limit: Int

        package init(limit: Int) {
            self.limit = limit
        }
    }

    private let maximumLineBytes: Int
    private var buffer = ByteBuffer()
    /// Bytes of the unfinished line that hold no line break, so that they are searched once only.
    private var searched = 0
    private var isError = false
    private var status: Int?

    package init(maximumLineBytes: Int = 16 << 20) {
        self.maximumLineBytes = maximumLineBytes
    }

    package mutating func append(_ bytes: ByteBuffer) {
        if buffer.readableBytes == 0 {
            // The usual case: a read ends with a line; nothing is copied.
            buffer = bytes
        } else {
            buffer.writeImmutableBuffer(bytes)
        }
    }

    /// The next event, or nil until more bytes are there.
    ///
    /// - Throws: ``LineTooLong``; the decoder cannot be used any further.
    package mutating func next() throws(LineTooLong) -> ServerSentEvent? {
        while let length = lineLength() {
            let start = buffer.readerIndex
            searched = 0
            let event = take(lineAt: start, length: length)
            buffer.moveReaderIndex(to: start + length + 1)
            if let event { return event }
        }
        // An idle stream does not hold the memory of its last read.
        if buffer.readableBytes == 0 { buffer = ByteBuffer() }
        guard buffer.readableBytes <= maximumLineBytes else { throw LineTooLong(limit: maximumLineBytes) }
        return nil
    }

    /// What is left when the stream has ended without a line break.
    package mutating func finish() -> ServerSentEvent? {
        guard buffer.readableBytes > 0 else { return nil }
        let event = take(lineAt: buffer.readerIndex, length: buffer.readableBytes)
        buffer.clear()
        return event
    }

    private mutating func lineLength() -> Int? {
        guard buffer.readableBytes > searched else { return nil }
        let already = searched
        let found = buffer.withUnsafeReadableBytes { bytes -> Int? in
            guard let base = bytes.baseAddress else { return nil }
            guard let hit = memchr(base + already, 0x0A, bytes.count - already) else { return nil }
            return UnsafeRawPointer(hit) - base
        }
        if let found { return found }
        searched = buffer.readableBytes
        return nil
    }

    private mutating func take(lineAt start: Int, length: Int) -> ServerSentEvent? {
        var length = length
        if length > 0, buffer.getInteger(at: start + length - 1, as: UInt8.self) == 0x0D { length -= 1 }
        guard length > 0 else {
            isError = false
            status = nil
            return nil
        }
        switch buffer.getInteger(at: start, as: UInt8.self) {
        case UInt8(ascii: "d") where starts("data:", at: start, length):
            let blank = length > 5 && buffer.getInteger(at: start + 5, as: UInt8.self) == 0x20
            let prefix = blank ? 6 : 5
            guard let data = buffer.getSlice(at: start + prefix, length: length - prefix) else { return nil }
            return ServerSentEvent(data: data, isError: isError, status: status)
        case UInt8(ascii: "e") where starts("event:", at: start, length):
            isError = isValue("error", at: start + 6, length - 6)
        case UInt8(ascii: "i") where starts("id:", at: start, length):
            // Begins an event where the blank line is missing.
            isError = false
            status = nil
        case UInt8(ascii: ":") where starts(":HTTP_STATUS/", at: start, length):
            status = number(at: start + 13, length - 13)
        default:
            break
        }
        return nil
    }

    private func starts(_ prefix: StaticString, at start: Int, _ length: Int) -> Bool {
        guard length >= prefix.utf8CodeUnitCount else { return false }
        return buffer.withUnsafeReadableBytes { bytes in
            guard let base = bytes.baseAddress else { return false }
            return memcmp(base + (start - buffer.readerIndex), prefix.utf8Start, prefix.utf8CodeUnitCount) == 0
        }
    }

    /// Whether a field's value, blanks before it left out, is this word.
    private func isValue(_ word: StaticString, at start: Int, _ length: Int) -> Bool {
        let blanks = blanks(at: start, length)
        return length - blanks == word.utf8CodeUnitCount && starts(word, at: start + blanks, length - blanks)
    }

    /// A field's value where it is a number of up to nine digits, blanks before it left out.
    private func number(at start: Int, _ length: Int) -> Int? {
        let blanks = blanks(at: start, length)
        guard (1...9).contains(length - blanks) else { return nil }
        var number = 0
        for index in start + blanks..<start + length {
            guard let byte = buffer.getInteger(at: index, as: UInt8.self), byte &- 0x30 < 10 else { return nil }
            number = number * 10 + Int(byte - 0x30)
        }
        return number
    }

    private func blanks(at start: Int, _ length: Int) -> Int {
        var count = 0
        while count < length, buffer.getInteger(at: start + count, as: UInt8.self) == 0x20 { count += 1 }
        return count
    }
}
