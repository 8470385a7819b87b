/// Values that others keep, read once when metrics are asked for; what is nil is left out.
package struct ScrapeValues: Sendable {
    /// The state of one upstream host's circuit breaker.
    package struct CircuitBreaker: Sendable {
        /// A host of the configuration.
        package var host: String
        package var isOpen: Bool

        package init(host: String, isOpen: Bool) {
            self.host = host
            self.isOpen = isOpen
        }
    }

    /// The uploads in parts that are under way, and what is on disk of them.
    package struct Uploads: Sendable {
        package var pending: Int
        package var bytes: Int

        package init(pending: Int, bytes: Int) {
            self.pending = pending
            self.bytes = bytes
        }
    }

    /// The size of the store of responses, and the number of its failures.
    package struct Store: Sendable {
        package var objects: Int
        package var bytes: Int
        package var failures: Int

        package init(objects: Int, bytes: Int, failures: Int) {
            self.objects = objects
            self.bytes = bytes
            self.failures = failures
        }
    }

    /// Connections of clients that are open.
    package var openConnections: Int?
    /// The events of connections since the start: words of a closed set, and how often each occurred.
    package var connectionEvents: [(event: String, count: Int)] = []
    /// Memory held by request bodies.
    package var bodyBytes: Int?
    /// The bound on that memory.
    package var bodyBytesLimit: Int?
    /// Connections to DashScope with a request on them.
    package var upstreamActive: Int?
    /// Connections to DashScope that are being opened.
    package var upstreamConnecting: Int?
    /// Connections to DashScope that wait for a request.
    package var upstreamIdle: Int?
    /// Requests that wait for a connection to DashScope.
    package var upstreamWaiting: Int?
    /// Connections to DashScope opened since the start.
    package var upstreamOpened: Int?
    /// The events of connections to DashScope since the start: words of a closed set, and how often each occurred.
    package var upstreamEvents: [(event: String, count: Int)] = []
    package var circuitBreakers: [CircuitBreaker]
    /// Permits that were not given back by the request that held them.
    package var permitsLeaked: Int?
    /// Callers and addresses whose limits are kept: words of a closed set, and how many.
    package var limitsTracked: [(scope: String, count: Int)] = []
    /// Callers and addresses forgotten while their requests ran.
    package var limitsForgotten: Int?
    /// Log lines given up because the writer could not keep up.
    package var logLinesDropped: Int?
    /// When the first of the served certificates ends, in seconds since 1970.
    package var certificateExpiry: Int?
    package var store: Store?
    package var uploads: Uploads?

    package init(
        openConnections: Int? = nil,
        upstreamActive: Int? = nil,
        upstreamIdle: Int? = nil,
        upstreamWaiting: Int? = nil,
        upstreamOpened: Int? = nil,
        circuitBreakers: [CircuitBreaker] = [],
        permitsLeaked: Int? = nil,
        logLinesDropped: Int? = nil,
        certificateExpiry: Int? = nil,
        store: Store? = nil
    ) {
        self.openConnections = openConnections
        self.upstreamActive = upstreamActive
        self.upstreamIdle = upstreamIdle
        self.upstreamWaiting = upstreamWaiting
        self.upstreamOpened = upstreamOpened
        self.circuitBreakers = circuitBreakers
        self.permitsLeaked = permitsLeaked
        self.logLinesDropped = logLinesDropped
        self.certificateExpiry = certificateExpiry
        self.store = store
    }
}
