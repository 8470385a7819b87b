package import NIOCore
package import NIOSSL

/// Where a server listens and the limits it keeps.
package struct HTTPServerConfiguration: Sendable {
    package var listeners: [HTTPListener]
    package var backlog: Int
    /// Larger bodies are refused with 413.
    package var maximumBodyBytes: Int
    /// Request line and headers together; larger ones are refused with 431.
    package var maximumHeaderBytes: Int
    /// Header lines of one request; more are refused with 431.
    package var maximumHeaderCount: Int
    /// Bytes that all clients together may make the server hold; above it requests are refused with 503.
    package var maximumMemory: Int
    /// Open connections; the first request of one more is refused with 503.
    package var maximumConnections: Int
    /// Open connections above which a new one is closed at once.
    package var absoluteMaximumConnections: Int
    /// Open connections of one address; the first request of one more is refused with 503.
    package var maximumConnectionsPerAddress: Int
    /// Whether an address may have any share of connections and memory: its clients are told apart elsewhere.
    package var isExempt: @Sendable (RemoteAddress) -> Bool = { $0.isLocal }
    /// Streams that one HTTP/2 connection may have open.
    package var maximumConcurrentStreams: Int
    /// From the opened connection to the end of the first head.
    package var headerTimeout: TimeAmount
    /// Between two pieces of a body.
    package var bodyIdleTimeout: TimeAmount
    /// For the whole body.
    package var bodyTimeout: TimeAmount
    /// For the whole of a body that is passed on while it arrives.
    package var streamedBodyTimeout = TimeAmount.hours(1)
    /// An idle connection between two requests; the next head must be complete within it.
    package var keepAliveTimeout: TimeAmount
    /// For the PROXY header and the TLS handshake together.
    package var handshakeTimeout: TimeAmount
    /// A client that takes nothing of its answer for so long is left.
    package var writeStallTimeout: TimeAmount

    /// Several listeners; `absoluteMaximumConnections` is an eighth above `maximumConnections` where it is not given.
    package init(
        listeners: [HTTPListener],
        backlog: Int = 1024,
        maximumBodyBytes: Int = 32 << 20,
        maximumHeaderBytes: Int = 64 << 10,
        maximumHeaderCount: Int = 128,
        maximumMemory: Int = 1 << 30,
        maximumConnections: Int = 20_000,
        absoluteMaximumConnections: Int? = nil,
        maximumConnectionsPerAddress: Int? = nil,
        maximumConcurrentStreams: Int = 100,
        headerTimeout: TimeAmount = .seconds(30),
        bodyIdleTimeout: TimeAmount = .seconds(30),
        bodyTimeout: TimeAmount = .seconds(300),
        keepAliveTimeout: TimeAmount = .seconds(75),
        handshakeTimeout: TimeAmount = .seconds(10),
        writeStallTimeout: TimeAmount = .seconds(60)
    ) {
        self.listeners = listeners
        self.backlog = backlog
        self.maximumBodyBytes = maximumBodyBytes
        self.maximumHeaderBytes = maximumHeaderBytes
        self.maximumHeaderCount = maximumHeaderCount
        self.maximumMemory = maximumMemory
        self.maximumConnections = maximumConnections
        self.absoluteMaximumConnections = absoluteMaximumConnections ?? Self.absolute(maximumConnections)
        self.maximumConnectionsPerAddress = maximumConnectionsPerAddress ?? max(1, maximumConnections / 2)
        self.maximumConcurrentStreams = maximumConcurrentStreams
        self.headerTimeout = headerTimeout
        self.bodyIdleTimeout = bodyIdleTimeout
        self.bodyTimeout = bodyTimeout
        self.keepAliveTimeout = keepAliveTimeout
        self.handshakeTimeout = handshakeTimeout
        self.writeStallTimeout = writeStallTimeout
    }

    /// The number of connections above which one is closed without a word.
    static func absolute(_ maximum: Int) -> Int {
        maximum > 1 << 40 ? .max : maximum * 9 / 8 + 16
    }

    /// One TCP listener; port 0 takes any free port.
    package init(
        host: String = "127.0.0.1",
        port: Int = 0,
        backlog: Int = 1024,
        maximumBodyBytes: Int = 32 << 20,
        maximumHeaderBytes: Int = 64 << 10,
        headerTimeout: TimeAmount = .seconds(30),
        bodyIdleTimeout: TimeAmount = .seconds(30),
        bodyTimeout: TimeAmount = .seconds(300),
        keepAliveTimeout: TimeAmount = .seconds(75),
        tls: NIOSSLContext? = nil
    ) {
        self.init(
            listeners: [
                HTTPListener(.tcp(host: host, port: port), tls: tls.map { TLSContextStore(context: $0) })
            ],
            backlog: backlog,
            maximumBodyBytes: maximumBodyBytes,
            maximumHeaderBytes: maximumHeaderBytes,
            headerTimeout: headerTimeout,
            bodyIdleTimeout: bodyIdleTimeout,
            bodyTimeout: bodyTimeout,
            keepAliveTimeout: keepAliveTimeout
        )
    }
}
