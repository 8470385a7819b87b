package import NIOCore
import NIOHTTP1

/// Cuts the bytes of a client's connection into HTTP/1.1 requests.
///
/// Written by hand because a decoder that makes strings of every field and a part of every read costs more than the
/// whole translation. What strangers send is refused wherever two readers could read it differently (RFC 9112,
/// sections 2.2, 3.2, 5.1, 6.3, 7.1): lines end with CR LF, names are tokens with the colon behind them, no line is
/// continued, a body has one length or is chunked, HTTP/1.1 names its host once. All reads are checked against the
/// bounds of the buffer. Tested byte by byte, by mutation, and against NIO's decoder: what is accepted here is accepted
/// there with the same meaning.
package struct HTTPRequestParser: Sendable {
    package enum Event: Sendable {
        case head(RequestHead)
        case body(ByteBuffer)
        /// The request is complete; the next call reads the next request.
        case end
    }

    /// Why the bytes cannot be read; nothing that follows them can.
    package enum Failure: Error, Equatable, Sendable {
        case malformed
        case headTooLarge
        case tooManyFields
        /// A sound head, but two lines say who is calling.
        case repeatedAuthorization
        /// The head is valid, but the method is unknown.
        case unknownMethod
    }

    private enum State: Sendable {
        case head
        case fixed(remaining: Int)
        case chunkSize
        case chunk(remaining: Int)
        case chunkEnd
        case trailer
        case end
        case failed
    }

    /// Longest line of a chunk's size, and all extensions of one body.
    private static let maximumChunkLine = 256
    private static let maximumExtensions = 16 << 10

    private let maximumHeadBytes: Int
    private let maximumFields: Int
    private var state = State.head
    private var buffer = ByteBuffer()
    /// Bytes of an unfinished head or line that were searched for their end already.
    private var searched = 0
    /// Bytes of the extensions or the trailer of this body so far.
    private var extras = 0
    /// Clients ask for the same target again and again: the string is made once.
    private var lastTarget = ""

    package init(maximumHeadBytes: Int, maximumFields: Int = 128) {
        self.maximumHeadBytes = maximumHeadBytes
        self.maximumFields = maximumFields
    }

    /// Bytes that came and are not handed out yet.
    package var bufferedBytes: Int { buffer.readableBytes }

    /// The bytes behind the last request, for another protocol; nothing more is read of this one.
    mutating func takeRest() -> ByteBuffer {
        state = .failed
        defer { buffer = ByteBuffer() }
        return buffer
    }

    package mutating func append(_ bytes: ByteBuffer) {
        if case .failed = state { return }
        if buffer.readableBytes == 0 {
            buffer = bytes
        } else {
            if buffer.readerIndex > 4096 { buffer.discardReadBytes() }
            buffer.writeImmutableBuffer(bytes)
        }
    }

    /// The next event, or nil until more bytes are there.
    package mutating func next() throws(Failure) -> Event? {
        do {
            return try step()
        } catch {
            state = .failed
            buffer = ByteBuffer()
            throw error
        }
    }

    private mutating func step() throws(Failure) -> Event? {
        while true {
            switch state {
            case .head:
                guard let head = try readHead() else { return nil }
                return .head(head)
            case .fixed(0), .end:
                state = .head
                extras = 0
                if buffer.readableBytes == 0 { buffer = ByteBuffer() }
                return .end
            case .fixed(let remaining):
                guard let bytes = readBody(remaining) else { return nil }
                state = .fixed(remaining: remaining - bytes.readableBytes)
                return .body(bytes)
            case .chunkSize:
                guard let size = try readChunkSize() else { return nil }
                state = size == 0 ? .trailer : .chunk(remaining: size)
                if size == 0 { extras = 0 }
            case .chunk(let remaining):
                guard let bytes = readBody(remaining) else { return nil }
                let rest = remaining - bytes.readableBytes
                state = rest == 0 ? .chunkEnd : .chunk(remaining: rest)
                return .body(bytes)
            case .chunkEnd:
                guard buffer.readableBytes >= 2 else {
                    // The first byte alone can be wrong already.
                    if buffer.readableBytes == 1, buffer.readableBytesUInt8Span[0] != 0x0D { throw .malformed }
                    return nil
                }
                guard buffer.readInteger(as: UInt16.self) == 0x0D0A else { throw .malformed }
                state = .chunkSize
            case .trailer:
                guard try readTrailer() else { return nil }
                state = .end
            case .failed:
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
        // A connection that waits does not hold the memory of its last read.
        if buffer.readableBytes == 0 { buffer = ByteBuffer() }
        return slice
    }

    // MARK: - Head

    private mutating func readHead() throws(Failure) -> RequestHead? {
        // Empty lines before a request are left by clients that end their body with one.
        while buffer.readableBytes >= 2, buffer.readableBytesUInt8Span[0] == 0x0D {
            guard buffer.readInteger(as: UInt16.self) == 0x0D0A else { throw .malformed }
            extras += 2
            searched = 0
            guard extras <= maximumHeadBytes else { throw .headTooLarge }
        }
        guard buffer.readableBytes > 0 else {
            buffer = ByteBuffer()
            return nil
        }
        guard let length = try Self.headLength(buffer.readableBytesUInt8Span, searched: searched) else {
            guard buffer.readableBytes <= maximumHeadBytes else { throw .headTooLarge }
            searched = buffer.readableBytes
            return nil
        }
        searched = 0
        guard length <= maximumHeadBytes else { throw .headTooLarge }
        guard let fields = RequestFields(buffer.readableBytesUInt8Span, length: length, lastTarget: lastTarget),
            buffer.readSlice(length: fields.firstLine) != nil,
            let lines = buffer.readSlice(length: length - fields.firstLine - 2)
        else { throw .malformed }
        guard fields.count <= maximumFields else { throw .tooManyFields }
        guard fields.authorizations <= 1 else { throw .repeatedAuthorization }
        guard !fields.isUnknownMethod else { throw .unknownMethod }
        buffer.moveReaderIndex(forwardBy: 2)
        lastTarget = fields.target
        extras = 0
        if fields.isChunked {
            state = .chunkSize
        } else {
            state = .fixed(remaining: fields.contentLength ?? 0)
        }
        return RequestHead(
            method: fields.method,
            uri: fields.target,
            version: fields.isHTTP10 ? .http1_0 : .http1_1,
            headers: RequestHeaders(lines: lines, names: fields.names),
            isKeepAlive: fields.isKeepAlive,
            contentLength: fields.contentLength,
            expectsContinue: fields.expectsContinue
        )
    }

    /// Bytes up to and with the empty line, or nil until it is there.
    private static func headLength(_ bytes: Span<UInt8>, searched: Int) throws(Failure) -> Int? {
        // The rest of a line that does not begin like a request is not awaited.
        guard bytes[0] == 0x0D || bytes[0] &- 0x41 < 26 else { throw .malformed }
        var position = searched
        while let lineFeed = bytes.firstIndex(of: 0x0A, from: position) {
            guard lineFeed > 0, bytes[lineFeed - 1] == 0x0D else { throw .malformed }
            if lineFeed >= 3, bytes[lineFeed - 2] == 0x0A { return lineFeed + 1 }
            position = lineFeed + 1
        }
        return nil
    }

    // MARK: - Chunks

    /// The length of the line that begins here, its CR LF included, or nil until it is there.
    private mutating func lineLength(limit: Int, failure: Failure) throws(Failure) -> Int? {
        guard let lineFeed = buffer.readableBytesUInt8Span.firstIndex(of: 0x0A, from: searched) else {
            guard buffer.readableBytes <= limit else { throw failure }
            searched = buffer.readableBytes
            return nil
        }
        searched = 0
        guard lineFeed < limit else { throw failure }
        guard lineFeed > 0, buffer.readableBytesUInt8Span[lineFeed - 1] == 0x0D else { throw .malformed }
        return lineFeed + 1
    }

    private mutating func readChunkSize() throws(Failure) -> Int? {
        guard buffer.readableBytes > 0 else { return nil }
        guard let length = try lineLength(limit: Self.maximumChunkLine, failure: .malformed) else { return nil }
        guard let line = ChunkLine(buffer.readableBytesUInt8Span, length: length - 2) else { throw .malformed }
        extras += line.extensionLength
        guard extras <= Self.maximumExtensions else { throw .malformed }
        buffer.moveReaderIndex(forwardBy: length)
        return line.size
    }

    /// Reads and drops trailer fields; true when the empty line was there.
    private mutating func readTrailer() throws(Failure) -> Bool {
        while buffer.readableBytes > 0,
            let length = try lineLength(limit: maximumHeadBytes, failure: .headTooLarge)
        {
            extras += length
            guard extras <= maximumHeadBytes else { throw .headTooLarge }
            let isLast = length == 2
            guard isLast || RequestFields.isTrailerLine(buffer.readableBytesUInt8Span, length: length) else {
                throw .malformed
            }
            buffer.moveReaderIndex(forwardBy: length)
            if isLast { return true }
        }
        return false
    }
}
