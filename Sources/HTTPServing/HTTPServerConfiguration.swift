package import NIOCore
package import NIOSSL

/// Where a server listens and the limits it keeps.
package struct HTTPServerConfiguration: Sendable {
    package var host: String
    /// 0 takes any free port.
    package var port: Int
    package var backlog: Int
    /// Larger bodies are refused with 413.
    package var maximumBodyBytes: Int
    /// Request line and headers together; larger ones are refused with 431.
    package var maximumHeaderBytes: Int
    /// From the opened connection to the end of the first head.
    package var headerTimeout: TimeAmount
    /// Between two pieces of a body.
    package var bodyIdleTimeout: TimeAmount
    /// For the whole body.
    package var bodyTimeout: TimeAmount
    /// An idle connection between two requests.
    package var keepAliveTimeout: TimeAmount
    /// Serves TLS where given.
    package var tls: NIOSSLContext?

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
        self.host = host
        self.port = port
        self.backlog = backlog
        self.maximumBodyBytes = maximumBodyBytes
        self.maximumHeaderBytes = maximumHeaderBytes
        self.headerTimeout = headerTimeout
        self.bodyIdleTimeout = bodyIdleTimeout
        self.bodyTimeout = bodyTimeout
        self.keepAliveTimeout = keepAliveTimeout
        self.tls = tls
    }
}
