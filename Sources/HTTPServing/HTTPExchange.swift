package import NIOCore
import NIOHTTP1

/// One request and its answer, bound to the event loop of the client's connection.
///
/// The answer is either one `respond`, or `startStream`, any number of `write`s and `finish`. Calls that come after
/// the client has left do nothing.
package final class HTTPExchange {
    package let head: RequestHead
    package let remoteAddress: String
    package let started: NIODeadline
    package unowned let eventLoop: any EventLoop
    /// Kept alive until the exchange is over.
    package var delegate: (any HTTPExchangeDelegate)?

    enum Response {
        case none, streaming, complete
    }

    enum Body {
        case arriving, discarding, complete
    }

    private(set) var response = Response.none
    var bodyState = Body.arriving
    var body = ByteBuffer()
    /// The connection closes after this answer.
    var closes: Bool
    private var connection: ClientConnectionHandler?
    /// Bytes of answer written so far, heads not counted.
    package private(set) var bytesSent = 0
    package private(set) var status = 0

    init(
        head: RequestHead,
        remoteAddress: String,
        connection: ClientConnectionHandler,
        eventLoop: any EventLoop
    ) {
        self.head = head
        self.remoteAddress = remoteAddress
        self.connection = connection
        self.eventLoop = eventLoop
        self.started = .now()
        self.closes = !head.isKeepAlive
    }

    /// Whether the client is still there and the answer is not finished.
    package var isOpen: Bool { connection != nil && response != .complete }

    package var hasStarted: Bool { response != .none }

    package var isWritable: Bool { connection?.isWritable ?? false }

    package var allocator: ByteBufferAllocator { connection?.allocator ?? ByteBufferAllocator() }

    private var chunked: Bool { head.version.minor >= 1 }

    /// Sends a whole answer; `headers` are complete header lines, each with its line break.
    package func respond(status: Int, headers: ByteBuffer, body: ByteBuffer) {
        guard let connection, response == .none else { return }
        self.status = status
        bytesSent = body.readableBytes
        response = .complete
        let inline = body.readableBytes <= 65_536
        var bytes = allocator.buffer(
            capacity: 128 + headers.readableBytes + (inline ? body.readableBytes : 0)
        )
        bytes.writeStatusLine(status)
        bytes.writeImmutableBuffer(headers)
        if status != 204 {
            bytes.append("Content-Length: ")
            bytes.append(text: String(body.readableBytes))
            bytes.append("\r\n")
        }
        writeConnectionHeader(into: &bytes)
        bytes.append("\r\n")
        let isHead = head.method == .HEAD
        if inline, !isHead { bytes.writeImmutableBuffer(body) }
        connection.write(bytes)
        if !inline, !isHead { connection.write(body) }
        connection.flush()
        end()
    }

    /// Writes the head of a streamed answer; it leaves with the first `flush`.
    package func startStream(status: Int, headers: ByteBuffer) {
        guard let connection, response == .none else { return }
        self.status = status
        response = .streaming
        // A client of HTTP/1.0 knows the end of the answer by the end of the connection.
        if !chunked { closes = true }
        var bytes = allocator.buffer(capacity: 128 + headers.readableBytes)
        bytes.writeStatusLine(status)
        bytes.writeImmutableBuffer(headers)
        if chunked { bytes.append("Transfer-Encoding: chunked\r\n") }
        writeConnectionHeader(into: &bytes)
        bytes.append("\r\n")
        connection.write(bytes)
    }

    private func writeConnectionHeader(into bytes: inout ByteBuffer) {
        if closes {
            bytes.append("Connection: close\r\n")
        } else if head.version.minor == 0 {
            bytes.append("Connection: keep-alive\r\n")
        }
    }

    package func makeChunk(capacity: Int) -> ChunkBuffer {
        ChunkBuffer(allocator: allocator, capacity: capacity)
    }

    /// Writes a piece of a streamed answer; an empty one writes nothing.
    package func write(_ chunk: consuming ChunkBuffer) {
        guard let connection, response == .streaming, !chunk.isEmpty else { return }
        bytesSent += chunk.count
        connection.write(chunk.framed(chunked: chunked))
    }

    package func flush() {
        connection?.flush()
    }

    /// Ends a streamed answer and flushes.
    package func finish() {
        guard let connection, response == .streaming else { return }
        response = .complete
        if chunked { connection.writeLastChunk() }
        connection.flush()
        end()
    }

    /// Closes the connection at once: the client sees an answer that was cut.
    package func abort() {
        guard let connection else { return }
        response = .complete
        detach()
        connection.closeNow()
    }

    /// Runs `body` when everything written so far has left; used for back-pressure by the slow lane.
    func flushed() -> EventLoopFuture<Void> {
        guard let connection else { return eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel) }
        return connection.flushed()
    }

    private func end() {
        let connection = connection
        detach()
        connection?.exchangeEnded(self)
    }

    func detach() {
        connection = nil
        delegate = nil
    }
}
