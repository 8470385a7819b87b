package import NIOCore
package import NIOSSL

/// Where upstream is and how connections to it are kept.
package struct UpstreamConfiguration: Sendable {
    package var host: String
    package var port: Int
    /// TLS settings, or nil for plain HTTP.
    package var tls: NIOSSLContext?
    package var connectTimeout: TimeAmount
    /// Connections of one event loop, in use and idle together.
    package var maximumConnectionsPerLoop: Int
    /// Calls of one event loop that may wait for a connection.
    package var maximumWaitingPerLoop: Int
    /// How long a call may wait for a connection.
    package var waitTimeout: TimeAmount
    /// How long an unused connection is kept.
    package var idleTimeout: TimeAmount

    package init(
        host: String,
        port: Int,
        tls: NIOSSLContext? = nil,
        connectTimeout: TimeAmount = .seconds(10),
        maximumConnectionsPerLoop: Int = 4096,
        maximumWaitingPerLoop: Int = 4096,
        waitTimeout: TimeAmount = .seconds(30),
        idleTimeout: TimeAmount = .seconds(55)
    ) {
        self.host = host
        self.port = port
        self.tls = tls
        self.connectTimeout = connectTimeout
        self.maximumConnectionsPerLoop = maximumConnectionsPerLoop
        self.maximumWaitingPerLoop = maximumWaitingPerLoop
        self.waitTimeout = waitTimeout
        self.idleTimeout = idleTimeout
    }

    /// The `Host` header.
    package var hostHeader: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (tls == nil ? 80 : 443) ? name : "\(name):\(port)"
    }
}
