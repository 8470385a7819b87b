package import NIOCore
package import NIOSSL

/// Where upstream is and how connections to it are kept.
package struct UpstreamConfiguration: Sendable {
    package var host: String
    package var port: Int
    /// TLS settings, or nil for plain HTTP.
    package var tls: NIOSSLContext?
    /// The proxy on the way, or nil.
    package var proxy: UpstreamProxy?
    /// Bounds name resolution, TCP, the proxy's tunnel and TLS together.
    package var connectTimeout: TimeAmount
    /// Connections of one event loop, in use and idle together.
    package var maximumConnectionsPerLoop: Int
    /// Calls of one event loop that may wait for a connection.
    package var maximumWaitingPerLoop: Int
    /// How long a call may wait for a connection.
    package var waitTimeout: TimeAmount
    /// How long an unused connection is kept.
    package var idleTimeout: TimeAmount
    /// How long the rest of an answer that is no longer needed is read.
    package var drainTimeout: TimeAmount
    /// After this age (a tenth more or less) a connection takes no further call, so that new addresses are found.
    package var maximumConnectionAge: TimeAmount
    package var breaker: CircuitBreaker.Limits
    /// Which of the host's addresses may be called; all where nil.
    ///
    /// Behind a proxy, the proxy resolves the name.
    package var mayCall: (@Sendable (SocketAddress) -> Bool)?

    package init(
        host: String,
        port: Int,
        tls: NIOSSLContext? = nil,
        proxy: UpstreamProxy? = nil,
        connectTimeout: TimeAmount = .seconds(10),
        maximumConnectionsPerLoop: Int = 4096,
        maximumWaitingPerLoop: Int = 4096,
        waitTimeout: TimeAmount = .seconds(30),
        idleTimeout: TimeAmount = .seconds(55),
        drainTimeout: TimeAmount = .seconds(1),
        maximumConnectionAge: TimeAmount = .minutes(5),
        breaker: CircuitBreaker.Limits = .init()
    ) {
        self.host = host
        self.port = port
        self.tls = tls
        self.proxy = proxy
        self.connectTimeout = connectTimeout
        self.maximumConnectionsPerLoop = maximumConnectionsPerLoop
        self.maximumWaitingPerLoop = maximumWaitingPerLoop
        self.waitTimeout = waitTimeout
        self.idleTimeout = idleTimeout
        self.drainTimeout = drainTimeout
        self.maximumConnectionAge = maximumConnectionAge
        self.breaker = breaker
    }

    /// The `Host` header.
    package var hostHeader: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (tls == nil ? 80 : 443) ? name : "\(name):\(port)"
    }

    /// The prefix of the path in a request line: it names a plain upstream behind a proxy.
    package var targetPrefix: String { proxy != nil && tls == nil ? "http://\(hostHeader)" : "" }

    /// The value of `Proxy-Authorization` in requests; behind a tunnel the proxy does not see them.
    package var proxyAuthorization: String? { tls == nil ? proxy?.authorization : nil }
}
