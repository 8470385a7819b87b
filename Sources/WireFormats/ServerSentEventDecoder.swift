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
        if buffer.readableBytes > searched, let event = readLines(isLast: false) { return event }
        // An idle stream does not hold the memory of its last read.
        if buffer.readableBytes == 0 { buffer = ByteBuffer() }
        guard buffer.readableBytes <= maximumLineBytes else { throw LineTooLong(limit: maximumLineBytes) }
        return nil
    }

    /// Returns the last event of a stream that ended without a line break.
    package mutating func finish() -> ServerSentEvent? {
        guard buffer.readableBytes > 0 else { return nil }
        let event = readLines(isLast: true)
        buffer.clear()
        return event
    }

    /// Reads complete lines up to the first with data; where the stream `isLast`, the bytes behind them are a line, too.
    private mutating func readLines(isLast: Bool) -> ServerSentEvent? {
        var fields = Fields(isError: isError, status: status)
        var position = 0
        var data: Range<Int>?
        let already = searched
        buffer.withUnsafeReadableBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            var from = already
            while data == nil, position < bytes.count {
                let end: Int
                if let lineFeed = memchr(base + from, 0x0A, bytes.count - from) {
                    end = UnsafeRawPointer(lineFeed) - base
                } else if isLast {
                    end = bytes.count
                } else {
                    return
                }
                if let place = fields.read(UnsafeRawBufferPointer(start: base + position, count: end - position)) {
                    data = position + place.lowerBound..<position + place.upperBound
                }
                position = min(end + 1, bytes.count)
                from = position
            }
        }
        (isError, status) = (fields.isError, fields.status)
        // Only what is still to be read can be sliced.
        let bytes = data.flatMap { buffer.getSlice(at: buffer.readerIndex + $0.lowerBound, length: $0.count) }
        buffer.moveReaderIndex(forwardBy: position)
        searched = bytes == nil ? buffer.readableBytes : 0
        return bytes.map { ServerSentEvent(data: $0, isError: fields.isError, status: fields.status) }
    }

    /// The fields of the current event that have been read so far.
    private struct Fields {
        var isError: Bool
        var status: Int?

        /// Takes in one line without its line feed; the place of the data where it is a line of data.
        mutating func read(_ line: UnsafeRawBufferPointer) -> Range<Int>? {
            var length = line.count
            if length > 0, line[length - 1] == 0x0D { length -= 1 }
            guard length > 0, let base = line.baseAddress else {
                isError = false
                status = nil
                return nil
            }
            let line = UnsafeRawBufferPointer(start: base, count: length)
            switch line[0] {
            case UInt8(ascii: "d") where Self.starts(line, "data:"):
                return (length > 5 && line[5] == 0x20 ? 6 : 5)..<length
            case UInt8(ascii: "e") where Self.starts(line, "event:"):
                let blanks = Self.blanks(line, from: 6)
                isError = length - 6 - blanks == 5 && memcmp(base + 6 + blanks, "error", 5) == 0
            case UInt8(ascii: "i") where Self.starts(line, "id:"):
                // Begins an event where the blank line is missing.
                isError = false
                status = nil
            case UInt8(ascii: ":") where Self.starts(line, ":HTTP_STATUS/"):
                status = Self.number(line, from: 13)
            default:
                break
            }
            return nil
        }

        private static func starts(_ line: UnsafeRawBufferPointer, _ prefix: StaticString) -> Bool {
            let length = prefix.utf8CodeUnitCount
            guard length <= line.count, let base = line.baseAddress else { return false }
            return memcmp(base, prefix.utf8Start, length) == 0
        }

        /// A field's value where it is a number of up to nine digits, blanks before it left out.
        private static func number(_ line: UnsafeRawBufferPointer, from start: Int) -> Int? {
            var position = start + blanks(line, from: start)
            guard (1...9).contains(line.count - position) else { return nil }
            var number = 0
            while position < line.count {
                guard line[position] &- 0x30 < 10 else { return nil }
                number = number * 10 + Int(line[position] &- 0x30)
                position += 1
            }
            return number
        }

        private static func blanks(_ line: UnsafeRawBufferPointer, from start: Int) -> Int {
            var position = start
            while position < line.count, line[position] == 0x20 { position += 1 }
            return position - start
        }
    }
}
