package import NIOCore

/// The bytes of one HTTP/1.1 request.
package struct UpstreamRequest: Sendable {
    /// Request line and headers, with the empty line; a small body may stand behind them.
    package var head: ByteBuffer
    package var body: ByteBuffer
    /// Leaves at once, not together with others: a client is waiting for the first byte of a stream.
    package var isUrgent = false
    /// Whether the body follows in pieces, by ``UpstreamCall/write(_:)``; such a request is sent once.
    package var bodyFraming = BodyFraming.none
    /// What it begins is charged: it takes no connection that has idled, which upstream may just have closed, and is never
    /// sent again by itself.
    package var isSentOnce = false

    /// How the end of a body that follows in pieces is told.
    package enum BodyFraming: Sendable {
        case none
        /// By chunks; the head says so.
        case chunks
        /// By the length that the head tells; the caller writes exactly so many bytes.
        case length
    }

    package init(head: ByteBuffer, body: ByteBuffer) {
        self.head = head
        self.body = body
    }
}

/// Is told what upstream answers; called on the event loop of the call.
///
/// Ends with exactly one of `upstreamEnded` and `upstreamFailed`, unless the call is cancelled.
package protocol UpstreamResponseReceiver: AnyObject {
    func upstreamHead(_ head: UpstreamResponseHead)
    func upstreamBody(_ bytes: ByteBuffer)
    /// The bytes of one read have been handed over; now is the time to flush.
    func upstreamReadComplete()
    func upstreamEnded()
    func upstreamFailed(_ error: UpstreamError)
    /// The head of a request whose body follows has left, or the connection has become full, or empty again.
    func upstreamTakesBody(_ isWritable: Bool)
}

extension UpstreamResponseReceiver {
    package func upstreamTakesBody(_ isWritable: Bool) {}
}

/// One request on its way to upstream, bound to an event loop.
package final class UpstreamCall {
    /// Kept alive until the call is over, however it ends: a weak reference would cost an allocation for each call.
    private(set) var receiver: (any UpstreamResponseReceiver)?
    private(set) var request: UpstreamRequest
    private var connection: UpstreamConnectionHandler?
    let deadline: NIODeadline
    /// A pooled connection that was closed under the request is replaced once.
    var wasRetried = false
    private(set) var isCancelled = false
    private var isPaused = false
    /// Whether its connection has carried calls before; nil until it has one.
    package private(set) var isOnUsedConnection: Bool?
    /// Whether the system has taken the last byte; only tracked for bodies that are sent apart from their head.
    var isSent = true
    let bodyFraming: UpstreamRequest.BodyFraming
    private var isBodyComplete = false

    init(request: UpstreamRequest, receiver: any UpstreamResponseReceiver, deadline: NIODeadline) {
        self.request = request
        self.receiver = receiver
        self.deadline = deadline
        bodyFraming = request.bodyFraming
        // The pieces of a body are not kept.
        wasRetried = !takesIdleConnection
    }

    var streamsBody: Bool { bodyFraming != .none }

    /// A connection that has idled may be closed any time, and then the request would have to be sent again.
    var takesIdleConnection: Bool { !streamsBody && !request.isSentOnce }

    // MARK: - A body that follows in pieces

    /// Sends a piece of the body, once the receiver was told that upstream takes it; later pieces do nothing.
    package func write(_ bytes: ByteBuffer) {
        guard let connection, streamsBody, !isBodyComplete, bytes.readableBytes > 0 else { return }
        guard bodyFraming == .chunks else { return connection.write(bytes) }
        connection.write(ByteBuffer(string: String(bytes.readableBytes, radix: 16) + "\r\n"))
        connection.write(bytes)
        connection.write(ByteBuffer(staticString: "\r\n"))
    }

    /// Flushes the pieces that were written.
    package func flush() { connection?.flush() }

    /// The body is complete.
    package func finishBody() {
        guard let connection, streamsBody, !isBodyComplete else { return }
        isBodyComplete = true
        let rest = bodyFraming == .chunks ? ByteBuffer(staticString: "0\r\n\r\n") : ByteBuffer()
        connection.write(rest, of: self)
    }

    // MARK: - The call

    /// Gives the call up: its connection is closed, so that upstream stops working and charging.
    package func cancel() {
        guard !isCancelled else { return }
        isCancelled = true
        receiver = nil
        let connection = connection
        self.connection = nil
        connection?.abandon()
    }

    /// Wants no more of the answer, whose end may still be on its way.
    ///
    /// The rest of the answer is read and dropped for a short while, so that the connection can be used again.
    package func release() {
        guard !isCancelled else { return }
        receiver = nil
        isPaused = false
        connection?.drain()
    }

    /// Stops or resumes reading, for a client that is slower than upstream.
    package func pauseReading(_ paused: Bool) {
        isPaused = paused
        connection?.pauseReading(paused)
    }

    /// Lets the request's bytes go: upstream works on it, it is not sent again.
    package func releaseRequest() {
        request = UpstreamRequest(head: ByteBuffer(), body: ByteBuffer())
    }

    func attach(_ connection: UpstreamConnectionHandler, isUsed: Bool) {
        isOnUsedConnection = isUsed
        attach(connection)
    }

    func attach(_ connection: UpstreamConnectionHandler?) {
        self.connection = connection
        if isPaused { connection?.pauseReading(true) }
    }

    func fail(_ error: UpstreamError) {
        connection = nil
        let receiver = receiver
        self.receiver = nil
        receiver?.upstreamFailed(error)
    }

    func end() {
        connection = nil
        let receiver = receiver
        self.receiver = nil
        receiver?.upstreamEnded()
    }
}
