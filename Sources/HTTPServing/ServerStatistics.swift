import Synchronization

/// The counters of a server; totals are since its start.
package struct ServerStatistics: Sendable, Hashable {
    package let openConnections: Int
    /// Connections that were accepted, refused ones included.
    package let acceptedConnections: Int
    /// Connections whose first request was answered with 503 because there were too many.
    package let rejectedConnections: Int
    /// Connections that were closed without a word because there were far too many.
    package let droppedConnections: Int
    /// Failures to accept, such as too many open files.
    package let acceptErrors: Int
    /// Bytes held for clients now: requests, calls made of them, answers that are not taken.
    package let heldBytes: Int
    /// The bytes that may be held for clients.
    package let heldBytesLimit: Int
    package let tlsHandshakeFailures: Int
    package let proxyProtocolErrors: Int
    package let malformedRequests: Int
    /// Connections and streams that were closed because their client did not read.
    package let stalledConnections: Int
    /// Connections that spoke HTTP/2.
    package let http2Connections: Int

    init(_ counters: ServerCounters) {
        openConnections = counters.openConnections.load(ordering: .relaxed)
        acceptedConnections = counters.acceptedConnections.load(ordering: .relaxed)
        rejectedConnections = counters.rejectedConnections.load(ordering: .relaxed)
        droppedConnections = counters.droppedConnections.load(ordering: .relaxed)
        acceptErrors = counters.acceptErrors.load(ordering: .relaxed)
        heldBytes = counters.memory.heldBytes
        heldBytesLimit = counters.memory.maximum
        tlsHandshakeFailures = counters.tlsHandshakeFailures.load(ordering: .relaxed)
        proxyProtocolErrors = counters.proxyProtocolErrors.load(ordering: .relaxed)
        malformedRequests = counters.malformedRequests.load(ordering: .relaxed)
        stalledConnections = counters.stalledConnections.load(ordering: .relaxed)
        http2Connections = counters.http2Connections.load(ordering: .relaxed)
    }
}
