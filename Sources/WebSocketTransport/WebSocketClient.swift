package import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
package import Upstream

/// Opens connections to a host, by the same ways as calls: TLS, a proxy's tunnel, addresses that may be called.
package enum WebSocketClient {
    /// Opens a connection; the delegate is told on the loop, never before this has returned.
    ///
    /// `released` is called once when the connection is over, cancelled ones included.
    package static func connect(
        to configuration: UpstreamConfiguration,
        _ request: WebSocketRequest,
        on eventLoop: any EventLoop,
        delegate: any WebSocketDelegate,
        released: @escaping () -> Void = {}
    ) -> WebSocketConnection {
        let connection = WebSocketConnection(request, eventLoop: eventLoop, delegate: delegate, released: released)
        connection.limitOpening(to: configuration.connectTimeout)
        eventLoop.assumeIsolated().execute { open(connection, configuration, eventLoop) }
        return connection
    }

    private static func open(
        _ connection: WebSocketConnection,
        _ configuration: UpstreamConfiguration,
        _ eventLoop: any EventLoop
    ) {
        var bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(configuration.connectTimeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
        let mayCall = configuration.proxy == nil ? configuration.mayCall : nil
        if let mayCall { bootstrap = bootstrap.resolver(AddressFilter(mayCall, eventLoop: eventLoop)) }
        let host = configuration.proxy?.host ?? configuration.host
        let port = configuration.proxy?.port ?? configuration.port
        let connected: EventLoopFuture<any Channel>
        if let address = try? SocketAddress(ipAddress: host, port: port) {
            guard mayCall?(address) != false else {
                return connection.fail(.unreachable(AddressFilter.refusal(of: host)))
            }
            connected = bootstrap.connect(to: address)
        } else {
            connected = bootstrap.connect(host: host, port: port)
        }
        connected.assumeIsolated().whenComplete { result in
            switch result {
            case .success(let channel):
                guard connection.attach(channel) else { return }
                do {
                    try prepare(channel.pipeline.syncOperations, connection, configuration, eventLoop)
                } catch {
                    connection.fail(.unreachable(UpstreamError(opening: error)))
                }
            case .failure(let error):
                connection.fail(
                    .unreachable(UpstreamError(connecting: error, viaProxy: configuration.proxy != nil))
                )
            }
        }
    }

    private static func prepare(
        _ pipeline: ChannelPipeline.SynchronousOperations,
        _ connection: WebSocketConnection,
        _ configuration: UpstreamConfiguration,
        _ eventLoop: any EventLoop
    ) throws {
        guard let proxy = configuration.proxy else {
            return try addHandshake(pipeline, connection, configuration, eventLoop)
        }
        // A tunnel without TLS, too: a proxy that reads the requests would not pass frames on.
        let name = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
        try pipeline.addHandler(
            ProxyTunnelHandler(
                proxy: proxy,
                target: "\(name):\(configuration.port)",
                established: { try addHandshake($0.pipeline.syncOperations, connection, configuration, eventLoop) },
                failed: { connection.fail(.unreachable($0)) }
            )
        )
    }

    private static func addHandshake(
        _ pipeline: ChannelPipeline.SynchronousOperations,
        _ connection: WebSocketConnection,
        _ configuration: UpstreamConfiguration,
        _ eventLoop: any EventLoop
    ) throws {
        if let tls = configuration.tls {
            try pipeline.addHandler(UpstreamTLS.handler(tls, host: configuration.host))
        }
        var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: connection.request.target)
        head.headers.add(name: "Host", value: configuration.hostHeader)
        for header in connection.request.headers { head.headers.add(name: header.name, value: header.value) }
        let handshake = WebSocketHandshakeHandler(connection, head: head)
        let bound = NIOLoopBound((connection, handshake), eventLoop: eventLoop)
        let upgrader = NIOWebSocketClientUpgrader(
            maxFrameSize: connection.request.maximumFrameBytes,
            automaticErrorHandling: false
        ) { channel, _ in
            channel.eventLoop.makeCompletedFuture {
                let (connection, handshake) = bound.value
                let pipeline = channel.pipeline.syncOperations
                pipeline.removeHandler(handshake, promise: nil)
                try pipeline.addHandler(WebSocketFrameHandler(connection))
                connection.opened()
            }
        }
        try pipeline.addHTTPClientHandlers(
            leftOverBytesStrategy: .forwardBytes,
            withClientUpgrade: (upgraders: [upgrader], completionHandler: { _ in })
        )
        try pipeline.addHandler(handshake)
    }
}
