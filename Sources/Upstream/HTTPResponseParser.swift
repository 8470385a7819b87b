package import NIOCore

/// Cuts the bytes of a connection into HTTP/1.1 responses.
///
/// Written by hand because a decoder that makes strings of every header and a part of every chunk costs more than
/// the whole translation; it reads upstream's answers only, never what clients send. Strict where two readings could
/// differ: lines end with CR LF, two different lengths or a malformed chunk size are errors. Tested byte by byte and
/// against NIO's decoder.
package struct HTTPResponseParser: Sendable {
    package enum Event: Sendable, Equatable {
        case head(UpstreamResponseHead)
        case body(ByteBuffer)
        /// The response is complete; `reusable` says whether the connection may carry another.
        case end(reusable: Bool)
    }

    private enum State: Sendable, Equatable {
        case head
        case fixed(remaining: Int)
        case chunkSize
        case chunk(remaining: Int)
        case chunkEnd
        case trailer
        case untilClose
        case complete
        case failed
    }

    private static let maximumHeadBytes = 256 << 10
    private static let maximumChunkLine = 4096

    private var state = State.head
    private var buffer = ByteBuffer()
    private var keepsAlive = true
    /// Bytes of an unfinished head or line that were searched for their end already.
    private var searched = 0

    package init() {}

    /// Whether bytes are there that no event has handed out; behind the end of a response they belong to no response.
    var hasUnreadBytes: Bool { buffer.readableBytes > 0 }

    package mutating func append(_ bytes: ByteBuffer) {
        if buffer.readableBytes == 0 { buffer = bytes } else { buffer.writeImmutableBuffer(bytes) }
    }

    /// Prepares for the next response on the same connection.
    package mutating func reset() {
        state = .head
        searched = 0
        keepsAlive = true
    }

    /// The next event, or nil until more bytes are there.
    package mutating func next() throws(UpstreamError) -> Event? {
        do {
            return try step()
        } catch {
            state = .failed
            throw error
        }
    }

    /// The connection has ended: the end of a response that is told by it, or an error inside one.
    package mutating func finish() throws(UpstreamError) -> Event? {
        switch state {
        case .untilClose:
            state = .complete
            return .end(reusable: false)
        case .complete:
            return nil
        case .head where buffer.readableBytes == 0:
            return nil
        default:
            state = .failed
            throw UpstreamError(.connectionClosed, detail: "inside a response")
        }
    }

    private mutating func step() throws(UpstreamError) -> Event? {
        while true {
            switch state {
            case .head:
                guard let head = try readHead() else { return nil }
                if head.status >= 100, head.status < 200 { continue }
                return .head(head)
            case .fixed(0):
                state = .complete
                return .end(reusable: keepsAlive)
            case .fixed(let remaining):
                guard let bytes = readBody(remaining) else { return nil }
                state = .fixed(remaining: remaining - bytes.readableBytes)
                return .body(bytes)
            case .chunkSize:
                guard let size = try readChunkSize() else { return nil }
                state = size == 0 ? .trailer : .chunk(remaining: size)
            case .chunk(let remaining):
                guard let bytes = readBody(remaining) else { return nil }
                let rest = remaining - bytes.readableBytes
                state = rest == 0 ? .chunkEnd : .chunk(remaining: rest)
                return .body(bytes)
            case .chunkEnd:
                guard buffer.readableBytes >= 2 else { return nil }
                guard buffer.readInteger(as: UInt16.self) == 0x0D0A else {
                    throw UpstreamError(.invalidResponse, detail: "chunk longer than its size")
                }
                state = .chunkSize
            case .trailer:
                guard let length = try lineLength(limit: Self.maximumHeadBytes) else { return nil }
                buffer.moveReaderIndex(forwardBy: length + 2)
                guard length == 0 else { continue }
                state = .complete
                return .end(reusable: keepsAlive)
            case .untilClose:
                guard let bytes = readBody(.max) else { return nil }
                return .body(bytes)
            case .complete, .failed:
                return nil
            }
        }
    }

    private mutating func readBody(_ limit: Int) -> ByteBuffer? {
        let length = min(limit, buffer.readableBytes)
        guard length > 0 else {
            buffer = ByteBuffer()
            return nil
        }
        let slice = buffer.readSlice(length: length)
        // An idle stream does not hold the memory of its last read.
        if buffer.readableBytes == 0 { buffer = ByteBuffer() }
        return slice
    }

    /// The length of the line that begins here, without its CR LF; nil until it is there.
    private mutating func lineLength(limit: Int) throws(UpstreamError) -> Int? {
        guard buffer.readableBytes > 0 else { return nil }
        let start = searched
        let end = buffer.withUnsafeReadableBytes { bytes -> Int? in
            let last = min(bytes.count, limit + 2)
            var position = start
            while position < last, bytes[position] != 0x0A { position &+= 1 }
            return position < last ? position : nil
        }
        guard let end else {
            guard buffer.readableBytes <= limit else { throw UpstreamError(.invalidResponse, detail: "line too long") }
            searched = buffer.readableBytes
            return nil
        }
        searched = 0
        guard end > 0, buffer.getInteger(at: buffer.readerIndex + end - 1, as: UInt8.self) == 0x0D else {
            throw UpstreamError(.invalidResponse, detail: "line without CR LF")
        }
        return end - 1
    }

    private mutating func readChunkSize() throws(UpstreamError) -> Int? {
        guard let length = try lineLength(limit: Self.maximumChunkLine) else { return nil }
        let (size, fault) = buffer.withUnsafeReadableBytes { Self.chunkSize($0, length: length) }
        if let fault { throw UpstreamError(.invalidResponse, detail: fault) }
        buffer.moveReaderIndex(forwardBy: length + 2)
        return size
    }

    /// The size that a line of this length tells, or what is wrong with it.
    private static func chunkSize(_ bytes: UnsafeRawBufferPointer, length: Int) -> (size: Int, fault: String?) {
        var size = 0
        var digits = 0
        reading: while digits < length {
            let byte = bytes[digits]
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x41...0x46: digit = byte - 0x41 + 10
            case 0x61...0x66: digit = byte - 0x61 + 10
            // Extensions are skipped.
            case 0x3B, 0x20, 0x09: break reading
            default: return (0, "malformed chunk size")
            }
            digits += 1
            guard digits <= 15 else { return (0, "chunk size too large") }
            size = size << 4 | Int(digit)
        }
        return digits > 0 ? (size, nil) : (0, "missing chunk size")
    }

    private mutating func readHead() throws(UpstreamError) -> UpstreamResponseHead? {
        guard let length = headLength() else {
            guard buffer.readableBytes <= Self.maximumHeadBytes else {
                throw UpstreamError(.invalidResponse, detail: "head too large")
            }
            searched = buffer.readableBytes
            return nil
        }
        searched = 0
        guard let head = buffer.readSlice(length: length) else { return nil }
        return try parse(head)
    }

    /// Bytes up to and with the empty line.
    private func headLength() -> Int? {
        let start = max(3, searched)
        return buffer.withUnsafeReadableBytes { bytes in
            var index = start
            while index < bytes.count {
                // Steps by what the byte allows: only LF can end the head here.
                switch bytes[index] {
                case 0x0A:
                    if bytes[index - 1] == 0x0D, bytes[index - 2] == 0x0A, bytes[index - 3] == 0x0D { return index + 1 }
                    index += 2
                case 0x0D: index += 1
                default: index += 2
                }
            }
            return nil
        }
    }

    private mutating func parse(_ head: ByteBuffer) throws(UpstreamError) -> UpstreamResponseHead {
        var head = head
        guard let line = head.withUnsafeReadableBytes({ StatusLine($0) }) else {
            throw UpstreamError(.invalidResponse, detail: "malformed status line")
        }
        let status = line.status
        head.moveReaderIndex(forwardBy: line.length)
        keepsAlive = !line.isHTTP10
        var framing = Framing()
        head.withUnsafeReadableBytes { bytes in
            var lines = HeaderLines(bytes)
            while let line = lines.next() { framing.note(line) }
            if lines.isMalformed { framing.isInvalid = true }
        }
        guard !framing.isInvalid else { throw UpstreamError(.invalidResponse, detail: "malformed header") }
        if framing.closes { keepsAlive = false }
        if framing.staysOpen, !framing.closes { keepsAlive = true }
        if status >= 100, status < 200 {
            state = .head
        } else if status == 204 || status == 304 {
            state = .fixed(remaining: 0)
        } else if framing.isChunked {
            // Both a length and chunks: the framing is ambiguous; the connection is not used again.
            if framing.length != nil { keepsAlive = false }
            state = .chunkSize
        } else if let length = framing.length {
            state = .fixed(remaining: length)
        } else {
            state = .untilClose
        }
        return UpstreamResponseHead(status: status, fields: head)
    }

    private struct StatusLine {
        let status: Int
        let isHTTP10: Bool
        /// With its CR LF.
        let length: Int

        /// Reads `HTTP/1.x NNN` and what follows on the line; nil where it is malformed.
        init?(_ bytes: UnsafeRawBufferPointer) {
            guard let lineFeed = bytes.firstIndex(of: 0x0A), lineFeed >= 13, bytes[lineFeed - 1] == 0x0D,
                bytes.starts(with: "HTTP/1.".utf8), bytes[7] == 0x30 || bytes[7] == 0x31
            else { return nil }
            var status = 0
            for digit in bytes[9..<12] {
                guard digit &- 0x30 < 10 else { return nil }
                status = status * 10 + Int(digit &- 0x30)
            }
            guard status >= 100 else { return nil }
            self.status = status
            isHTTP10 = bytes[7] == 0x30
            length = lineFeed + 1
        }
    }

    /// The end of the body, by the headers.
    private struct Framing {
        var length: Int?
        var isChunked = false
        var closes = false
        var staysOpen = false
        var isInvalid = false

        mutating func note(_ line: HeaderLines.Line) {
            if line.name(is: "content-length") {
                guard let number = Self.number(line.value), length == nil || length == number else {
                    isInvalid = true
                    return
                }
                length = number
            } else if line.name(is: "transfer-encoding") {
                if line.value(is: "chunked") {
                    isChunked = true
                } else if !line.value(is: "identity") {
                    isInvalid = true
                }
            } else if line.name(is: "connection") {
                if line.value(lists: "close") { closes = true }
                if line.value(lists: "keep-alive") { staysOpen = true }
            }
        }

        /// A number in digits only, short enough to be one.
        private static func number(_ text: UnsafeRawBufferPointer) -> Int? {
            guard !text.isEmpty, text.count <= 18 else { return nil }
            var number = 0
            for digit in text {
                guard digit &- 0x30 < 10 else { return nil }
                number = number * 10 + Int(digit &- 0x30)
            }
            return number
        }
    }
}
