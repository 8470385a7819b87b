package import ByteWriting
package import NIOCore
package import NIOHTTP1

/// One request and its answer, bound to the event loop of the client's connection.
///
/// The answer is either one `respond`, or `startStream`, any number of `write`s and `finish`. Calls that come after
/// the client has left do nothing.
package final class HTTPExchange {
    enum Response {
        case none, streaming, complete
    }

    enum Body {
        case arriving, discarding, complete
    }

    /// The connection that carries the answer; an HTTP/1 connection is called directly.
    private enum Link {
        case none
        case connection(ClientConnectionHandler)
        case stream(HTTP2StreamHandler)
    }

    // Members that each piece of a streamed answer needs come first: they are cold when the next piece arrives.
    private var link: Link
    /// Bytes of a streamed answer that leave with the next flush: the head and the first piece in one buffer.
    private var unsent: ByteBuffer?
    /// Bytes of answer written so far, heads not counted.
    package private(set) var bytesSent = 0
    private(set) var response = Response.none
    /// The answer has a head only.
    private let isHead: Bool
    /// Whether pieces of the answer are framed as chunks.
    private var chunked: Bool

    package let head: RequestHead
    package let remoteAddress: RemoteAddress
    /// Where the request came in.
    package let listener: BoundListener
    package let started: NIODeadline
    package unowned let eventLoop: any EventLoop
    /// Kept alive until the exchange is over.
    package var delegate: (any HTTPExchangeDelegate)?

    var bodyState = Body.arriving
    var body = ByteBuffer()
    private var hasRoomForRest = false
    /// Most bytes of body that are taken.
    private(set) var bodyLimit: Int
    /// Whether the delegate gets the body in pieces, as they arrive.
    package private(set) var streamsBody = false
    /// Whether the delegate wants no pieces for now.
    private(set) var isBodyPaused = false
    /// Bytes of a streamed body that the delegate was given.
    private var streamedBytes = 0
    /// The share of the server that the client's address uses; nil for an address without a limit.
    private let peer: PeerShare?
    /// Bytes that this exchange has taken of the memory for clients.
    private var heldBytes = 0
    /// The connection closes after this answer.
    var closes: Bool
    package private(set) var status = 0

    init(
        head: RequestHead,
        facts: ConnectionFacts,
        connection: ClientConnectionHandler,
        bodyLimit: Int,
        eventLoop: any EventLoop
    ) {
        self.head = head
        self.bodyLimit = bodyLimit
        self.remoteAddress = facts.remoteAddress
        self.listener = facts.listener
        self.peer = facts.peer
        self.link = .connection(connection)
        self.eventLoop = eventLoop
        self.started = .now()
        self.isHead = head.isHead
        self.chunked = head.version.minor >= 1
        self.closes = !head.isKeepAlive
    }

    init(
        head: RequestHead,
        facts: ConnectionFacts,
        stream: HTTP2StreamHandler,
        bodyLimit: Int,
        eventLoop: any EventLoop
    ) {
        self.head = head
        self.bodyLimit = bodyLimit
        self.remoteAddress = facts.remoteAddress
        self.listener = facts.listener
        self.peer = facts.peer
        self.link = .stream(stream)
        self.eventLoop = eventLoop
        self.started = .now()
        self.isHead = head.isHead
        self.chunked = head.version.minor >= 1
        self.closes = false
    }

    /// The protocol of the request, for logs.
    package var httpVersion: HTTPVersion { head.version }

    /// The purpose of the listener.
    package var role: ListenerRole { listener.role }

    /// Whether the client is still there and the answer is not finished.
    package var isOpen: Bool {
        if case .none = link { return false }
        return response != .complete
    }

    package var hasStarted: Bool { response != .none }

    package var isWritable: Bool {
        switch link {
        case .none: false
        case .connection(let connection): connection.isWritable
        case .stream(let stream): stream.isWritable
        }
    }

    /// Sends a whole answer; `headers` are complete header lines, each with its line break.
    ///
    /// A body that `isShared` with other answers is sent as it is: it costs its bytes once, however many wait for it.
    package func respond(status: Int, headers: ByteBuffer, body: ByteBuffer, isShared: Bool = false) {
        respond(status: status, headerBytes: headers.readableBytes, body: body, isShared: isShared) {
            $0.append(headers)
        }
    }

    /// The same with header lines that `headers` writes, about `headerBytes` long: they need no buffer of their own.
    package func respond(
        status: Int,
        headerBytes: Int,
        body: ByteBuffer,
        isShared: Bool = false,
        headers: (inout ByteWriter) -> Void
    ) {
        guard response == .none else { return }
        switch link {
        case .none: return
        case .connection(let connection):
            self.status = status
            bytesSent = body.readableBytes
            response = .complete
            write(status, headerBytes, headers, body, isShared: isShared, to: connection)
        case .stream(let stream):
            self.status = status
            bytesSent = body.readableBytes
            response = .complete
            let lines = ByteBuffer(capacity: headerBytes, composing: headers)
            stream.respond(status: status, headers: lines, body: body, isShared: isShared, isHead: isHead)
        }
        end()
    }

    private func write(
        _ status: Int,
        _ headerBytes: Int,
        _ headers: (inout ByteWriter) -> Void,
        _ body: ByteBuffer,
        isShared: Bool,
        to connection: ClientConnectionHandler
    ) {
        let inline = body.readableBytes <= 65_536 && !isShared
        let capacity = 128 + headerBytes + (inline ? body.readableBytes : 0)
        let bytes = ByteBuffer(capacity: capacity) { bytes in
            bytes.writeStatusLine(status)
            headers(&bytes)
            if status != 204 {
                bytes.append("Content-Length: ")
                bytes.append(number: body.readableBytes)
                bytes.append("\r\n")
            }
            writeConnectionHeader(into: &bytes)
            bytes.append("\r\n")
            if inline, !isHead { bytes.append(body) }
        }
        connection.write(bytes)
        if !inline, !isHead { connection.write(body) }
        connection.flushLater()
    }

    /// Writes the head of a streamed answer; it leaves with the first `flush`.
    ///
    /// Where the `length` of the answer is known it is told, and the caller writes exactly so many bytes, or aborts.
    package func startStream(status: Int, headers: ByteBuffer, length: Int? = nil) {
        guard response == .none else { return }
        let connection: ClientConnectionHandler
        switch link {
        case .none: return
        case .connection(let handler): connection = handler
        case .stream(let stream):
            self.status = status
            response = .streaming
            return stream.start(status: status, headers: headers, length: length)
        }
        self.status = status
        response = .streaming
        if length != nil {
            chunked = false
        } else if !chunked {
            // A client of HTTP/1.0 knows the end of the answer by the end of the connection.
            closes = true
        }
        // With room for a first piece.
        let bytes = ByteBuffer(capacity: 640 + headers.readableBytes) { bytes in
            bytes.writeStatusLine(status)
            bytes.append(headers)
            if chunked {
                bytes.append("Transfer-Encoding: chunked\r\n")
            } else if let length {
                bytes.append("Content-Length: ")
                bytes.append(number: length)
                bytes.append("\r\n")
            }
            writeConnectionHeader(into: &bytes)
            bytes.append("\r\n")
        }
        collect(bytes, for: connection)
    }

    /// Pieces up to this size altogether are sent as one buffer: that is cheaper than several.
    private static let joinedLimit = 16 << 10

    private func collect(_ bytes: ByteBuffer, for connection: ClientConnectionHandler) {
        guard var waiting = unsent.take() else {
            unsent = bytes
            return
        }
        if waiting.readableBytes + bytes.readableBytes <= Self.joinedLimit {
            waiting.writeImmutableBuffer(bytes)
            unsent = waiting
        } else {
            connection.write(waiting)
            unsent = bytes
        }
    }

    private func send(to connection: ClientConnectionHandler) {
        if let bytes = unsent.take() { connection.write(bytes) }
    }

    private func writeConnectionHeader(into bytes: inout ByteWriter) {
        if closes {
            bytes.append("Connection: close\r\n")
        } else if head.version.minor == 0 {
            bytes.append("Connection: keep-alive\r\n")
        }
    }

    package func makeChunk(capacity: Int) -> ChunkBuffer {
        ChunkBuffer(capacity: capacity)
    }

    /// Writes a piece of a streamed answer; an empty one writes nothing, nor does any to a `HEAD`.
    package func write(_ chunk: consuming ChunkBuffer) {
        guard response == .streaming, !chunk.isEmpty, !isHead else { return }
        switch link {
        case .none: return
        case .connection(let connection):
            bytesSent += chunk.count
            collect(chunk.framed(chunked: chunked), for: connection)
        case .stream(let stream):
            bytesSent += chunk.count
            stream.write(chunk.framed(chunked: false))
        }
    }

    /// Writes bytes of a streamed answer as they are, without a copy: for large pieces.
    package func write(_ bytes: ByteBuffer) {
        guard response == .streaming, bytes.readableBytes > 0, !isHead else { return }
        switch link {
        case .none: return
        case .connection(let connection):
            bytesSent += bytes.readableBytes
            send(to: connection)
            guard chunked else { return connection.write(bytes) }
            connection.write(ByteBuffer(string: String(bytes.readableBytes, radix: 16) + "\r\n"))
            connection.write(bytes)
            connection.write(ByteBuffer(staticString: "\r\n"))
        case .stream(let stream):
            bytesSent += bytes.readableBytes
            stream.write(bytes)
        }
    }

    package func flush() {
        switch link {
        case .none: return
        case .connection(let connection):
            send(to: connection)
            connection.flush()
        case .stream(let stream): stream.flush()
        }
    }

    /// Ends a streamed answer and flushes.
    package func finish() {
        guard response == .streaming else { return }
        switch link {
        case .none: return
        case .connection(let connection):
            response = .complete
            if chunked, !isHead { collect(ClientConnectionHandler.lastChunk, for: connection) }
            send(to: connection)
            connection.flush()
        case .stream(let stream):
            response = .complete
            stream.finish()
        }
        end()
    }

    /// Closes the connection, or the stream, at once: the client sees an answer that was cut.
    package func abort() {
        let link = link
        if case .none = link { return }
        response = .complete
        detach()
        switch link {
        case .none: return
        case .connection(let connection): connection.closeNow()
        case .stream(let stream): stream.abort()
        }
    }

    /// Answers with 101 and gives the connection to another protocol, whose handlers `configure` adds.
    ///
    /// - Throws: Where the client has left, or the request came over HTTP/2, which has no such change.
    func upgrade<Upgraded>(
        headers: ByteBuffer,
        configure: (any Channel) throws -> Upgraded
    ) throws -> Upgraded {
        guard response == .none, case .connection(let connection) = link else {
            throw ChannelError.operationUnsupported
        }
        status = 101
        response = .complete
        let head = ByteBuffer(capacity: 64 + headers.readableBytes) { bytes in
            bytes.append("HTTP/1.1 101 Switching Protocols\r\n")
            bytes.append(headers)
            bytes.append("\r\n")
        }
        detach()
        return try connection.upgrade(head: head, configure: configure)
    }

    /// Completes when the client can take more; used for back-pressure by the slow lane.
    func flushed() -> EventLoopFuture<Void> {
        switch link {
        case .none: return eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel)
        case .connection(let connection):
            send(to: connection)
            return connection.flushed()
        case .stream(let stream): return stream.flushed()
        }
    }

    private func end() {
        let link = link
        detach()
        switch link {
        case .none: return
        case .connection(let connection): connection.exchangeEnded(self)
        case .stream(let stream): stream.exchangeEnded(self)
        }
    }

    func detach() {
        link = .none
        unsent = nil
        delegate = nil
        releaseAll()
    }

    // MARK: - The body of the request

    /// Hands the body to the delegate in pieces, of at most `limit` bytes altogether; said while the head is received.
    ///
    /// Pieces do not count as memory held for the client: the delegate passes them on, or holds room for what it keeps.
    package func streamBody(limit: Int) {
        streamsBody = true
        bodyLimit = limit
    }

    /// Stops or resumes the pieces of a streamed body; a few that have arrived may still come.
    package func pauseBody(_ paused: Bool) {
        guard streamsBody, isBodyPaused != paused else { return }
        isBodyPaused = paused
        switch link {
        case .none: return
        case .connection(let connection): connection.bodyWasPaused(of: self)
        case .stream(let stream): stream.bodyWasPaused(of: self)
        }
    }

    /// Gives a piece to the delegate; false where the body is larger than it may be.
    func pass(_ bytes: ByteBuffer) -> Bool {
        streamedBytes += bytes.readableBytes
        guard streamedBytes <= bodyLimit else { return false }
        delegate?.bodyPiece(bytes, of: self)
        return true
    }

    // MARK: - Memory

    /// Adds a piece of the body; room grows with what has arrived, whatever length was announced.
    ///
    /// Once megabytes have arrived, there is room for the rest, too: it takes memory as it is filled.
    func appendBody(_ bytes: ByteBuffer) {
        if body.readableBytes == 0 {
            let announced = head.contentLength ?? bytes.readableBytes
            let capacity = max(bytes.readableBytes, min(announced, 4 * bytes.readableBytes))
            body = ByteBufferAllocator().buffer(capacity: capacity)
        }
        body.writeImmutableBuffer(bytes)
        if body.readableBytes >= Self.largeBody, !hasRoomForRest, let announced = head.contentLength {
            hasRoomForRest = true
            let rest = announced - body.readableBytes
            guard rest > 0 else { return }
            body.reserveCapacity(minimumWritableBytes: rest)
            body.expectLargeWrite(of: rest)
        }
    }

    private static let largeBody = 4 << 20

    /// Takes room for bytes that this request makes the process hold, such as its body or a call made of it; false where
    /// there is none.
    package func hold(_ count: Int) -> Bool {
        if case .none = link { return true }
        guard listener.counters.memory.take(count, already: heldBytes, for: peer) else { return false }
        heldBytes += count
        return true
    }

    /// Gives back some of the room that was taken.
    package func release(_ count: Int) {
        let count = min(count, heldBytes)
        guard count > 0 else { return }
        heldBytes -= count
        listener.counters.memory.giveBack(count, of: peer)
    }

    /// Gives back all room that was taken, when the application no longer holds the bytes.
    ///
    /// The end of the exchange does so, too.
    package func releaseAll() {
        release(heldBytes)
    }

    /// Whether all clients together, or this one alone, hold more than they may.
    package var isOverBudget: Bool { listener.counters.memory.isExhausted(for: peer) }
}
