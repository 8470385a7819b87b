import AdmissionControl
import HTTPServing
import NIOCore
import Upstream

extension HTTPServerConfiguration {
    /// The listeners and bounds an operator has set; sockets handed over come in place of host and port.
    ///
    /// There are no more connections than `files` leaves room for.
    init(
        _ configuration: GatewayConfiguration,
        inherited: [Int32],
        tls: TLSContextStore?,
        files: OpenFileLimit = OpenFileLimit(count: .max)
    ) throws {
        let settings = configuration.server
        let connections = files.clientConnections(
            wanted: settings.maximumConnections,
            upstream: configuration.upstream.maximumConnections
        )
        let trusted = try AddressRangeList(settings.trustedProxies.filter { $0 != "unix" })
        let speaksProxyProtocol: HTTPListener.ProxyProtocol = .from { trusted.contains($0) }
        func listener(_ text: String, key: String, role: ListenerRole) throws -> HTTPListener {
            let address = try ListenAddress(text, key: key)
            let place: HTTPListener.Address =
                switch address.place {
                case .tcp(let host, let port): .tcp(host: host, port: port)
                case .unix(let path): .unix(path: path, mode: 0o660)
                }
            return HTTPListener(
                place,
                role: role,
                tls: address.isSecure ? tls : nil,
                proxyProtocol: address.expectsProxyProtocol ? speaksProxyProtocol : .never,
                reusesPort: settings.reusePort
            )
        }
        var listeners = inherited.map { descriptor in
            HTTPListener(
                .inherited(descriptor: descriptor),
                tls: tls,
                proxyProtocol: settings.proxyProtocol ? speaksProxyProtocol : .never
            )
        }
        listeners += try settings.listen.map { try listener($0, key: "server.listen", role: .public) }
        if listeners.isEmpty {
            listeners.append(
                HTTPListener(
                    .tcp(host: settings.host, port: settings.port),
                    tls: tls,
                    proxyProtocol: settings.proxyProtocol ? speaksProxyProtocol : .never,
                    reusesPort: settings.reusePort
                )
            )
        }
        if let admin = configuration.admin.listen {
            listeners.append(try listener(admin, key: "admin.listen", role: .admin))
        }
        self.init(
            listeners: listeners,
            backlog: settings.backlog,
            maximumBodyBytes: settings.maximumBodyBytes,
            maximumHeaderBytes: settings.maximumHeaderBytes,
            maximumHeaderCount: settings.maximumHeaderFields,
            maximumMemory: settings.maximumBodyMemory > 0 ? settings.maximumBodyMemory : MemoryLimit().budget,
            maximumConnections: connections,
            maximumConnectionsPerAddress: settings.maximumConnectionsPerAddress > 0
                ? settings.maximumConnectionsPerAddress : nil,
            maximumConcurrentStreams: configuration.tls.http2Streams,
            headerTimeout: settings.headerTimeout,
            bodyIdleTimeout: settings.bodyIdleTimeout,
            bodyTimeout: settings.bodyTimeout,
            keepAliveTimeout: settings.keepAliveTimeout,
            handshakeTimeout: settings.handshakeTimeout,
            writeStallTimeout: settings.writeStallTimeout
        )
        streamedBodyTimeout = settings.uploadTimeout
    }
}

extension AddressRangeList {
    /// Whether a connection from there is in the list; Unix sockets are not.
    func contains(_ address: SocketAddress) -> Bool {
        address.ipAddress.flatMap { ClientAddress($0) }.map { contains($0) } ?? false
    }
}
