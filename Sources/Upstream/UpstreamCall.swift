package import NIOCore

/// The bytes of one HTTP/1.1 request.
package struct UpstreamRequest: Sendable {
    /// Request line and headers, with the empty line; a small body may stand behind them.
    package var head: ByteBuffer
    package var body: ByteBuffer
    /// Leaves at once, not together with others: a client is waiting for the first byte of a stream.
    package var isUrgent = false

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
    /// Whether the system has taken the last byte; only tracked for bodies that are sent apart from their head.
    var isSent = true

    init(request: UpstreamRequest, receiver: any UpstreamResponseReceiver, deadline: NIODeadline) {
        self.request = request
        self.receiver = receiver
        self.deadline = deadline
    }

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
