package import NIOCore
import NIOPosix
import NIOSSL

/// A listening HTTP/1.1 server.
package final class HTTPServer: Sendable {
    private let channel: any Channel
    private let registries: [NIOLoopBound<ConnectionRegistry>]

    /// The port that is listened on.
    package var port: Int { channel.localAddress?.port ?? 0 }

    private init(channel: any Channel, registries: [NIOLoopBound<ConnectionRegistry>]) {
        self.channel = channel
        self.registries = registries
    }

    /// Starts to listen.
    ///
    /// - Throws: `IOError` where the address cannot be bound.
    package static func start(
        _ configuration: HTTPServerConfiguration,
        group: any EventLoopGroup,
        application: any HTTPApplication
    ) async throws -> HTTPServer {
        var registries: [ObjectIdentifier: NIOLoopBound<ConnectionRegistry>] = [:]
        for loop in group.makeIterator() {
            registries[ObjectIdentifier(loop)] = try await loop.submit {
                let registry = ConnectionRegistry(eventLoop: loop)
                registry.start()
                return NIOLoopBound(registry, eventLoop: loop)
            }.get()
        }
        let byLoop = registries
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Int32(clamping: configuration.backlog))
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // A long conversation comes in one read, and its body is then used where it was read.
            .childChannelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(minimum: 64, initial: 2048, maximum: 256 << 10)
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls = configuration.tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    guard let registry = byLoop[ObjectIdentifier(channel.eventLoop)] else {
                        preconditionFailure("a connection on a loop outside of the server's group")
                    }
                    try pipeline.addHandler(
                        ClientConnectionHandler(
                            application: application,
                            configuration: configuration,
                            registry: registry.value
                        )
                    )
                }
            }
            .bind(host: configuration.host, port: configuration.port).get()
        return HTTPServer(channel: channel, registries: Array(byLoop.values))
    }

    /// Starts to listen, answering in plain `async` code.
    package static func start(
        _ configuration: HTTPServerConfiguration,
        group: any EventLoopGroup,
        responder: any HTTPResponding
    ) async throws -> HTTPServer {
        try await start(configuration, group: group, application: AsyncLane(responder: responder))
    }

    /// Stops to listen; the connections go on.
    package func stopListening() async {
        try? await channel.close()
    }

    /// Closes idle connections, lets the others finish their answer, and closes what is left after `drain`.
    ///
    /// `beforeClosing` runs when the time is over and connections are still open.
    package func shutdown(
        drain: TimeAmount,
        beforeClosing: @Sendable () async -> Void = {}
    ) async {
        await stopListening()
        await onEachLoop { $0.drain() }
        await waitForConnections(until: .now() + drain)
        if await connectionCount() > 0 {
            await beforeClosing()
            await waitForConnections(until: .now() + .seconds(1))
        }
        await onEachLoop {
            $0.closeAll()
            $0.stop()
        }
    }

    private func waitForConnections(until deadline: NIODeadline) async {
        while await connectionCount() > 0, NIODeadline.now() < deadline {
            // Wakes a few times a second while the last answers are being written.
            try? await channel.eventLoop.scheduleTask(in: .milliseconds(20)) {}.futureResult.get()
        }
    }

    /// Number of open connections.
    package func connectionCount() async -> Int {
        var count = 0
        for registry in registries {
            count += (try? await registry.eventLoop.submit { registry.value.count }.get()) ?? 0
        }
        return count
    }

    private func onEachLoop(_ body: @escaping @Sendable (ConnectionRegistry) -> Void) async {
        for registry in registries {
            try? await registry.eventLoop.submit { body(registry.value) }.get()
        }
    }
}
