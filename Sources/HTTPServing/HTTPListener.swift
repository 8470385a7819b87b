package import NIOCore

/// One place where a server listens, and how it speaks there.
package struct HTTPListener: Sendable {
    /// Where a listener is bound.
    package enum Address: Sendable, Hashable {
        /// An IPv4 or IPv6 address or a name; port 0 takes any free one.
        case tcp(host: String, port: Int)
        /// A socket file; `mode` holds its permission bits, nil leaves what the process' mask gives.
        case unix(path: String, mode: UInt32?)
        /// A socket that is bound already, such as one that systemd hands over.
        case inherited(descriptor: Int32)
    }

    /// Which peers' word about the client's address is taken.
    package enum ProxyProtocol: Sendable {
        /// PROXY headers are not read.
        case never
        /// Every peer must send a PROXY header; for Unix sockets and closed networks.
        case always
        /// Peers for which the function answers true must send a PROXY header; it is not read from others.
        case from(@Sendable (SocketAddress) -> Bool)
    }

    package var address: Address
    package var role: ListenerRole
    /// Serves TLS where given.
    package var tls: TLSContextStore?
    package var proxyProtocol: ProxyProtocol
    /// Whether several processes may listen on the same port.
    package var reusesPort: Bool
    /// Whether a client may begin with HTTP/2 without TLS (prior knowledge).
    package var allowsCleartextHTTP2: Bool

    package init(
        _ address: Address,
        role: ListenerRole = .public,
        tls: TLSContextStore? = nil,
        proxyProtocol: ProxyProtocol = .never,
        reusesPort: Bool = false,
        allowsCleartextHTTP2: Bool = false
    ) {
        self.address = address
        self.role = role
        self.tls = tls
        self.proxyProtocol = proxyProtocol
        self.reusesPort = reusesPort
        self.allowsCleartextHTTP2 = allowsCleartextHTTP2
    }
}
