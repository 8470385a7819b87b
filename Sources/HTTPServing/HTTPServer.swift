package import NIOCore

/// A server of HTTP/1.1 and HTTP/2 on any number of listeners.
package final class HTTPServer: Sendable {
    /// One listening socket.
    struct Socket: Sendable {
        let channel: any Channel
        let listener: BoundListener
    }

    private let sockets: [Socket]
    private let registries: [NIOLoopBound<ConnectionRegistry>]
    private let counters: ServerCounters

    /// The port of the first listener; 0 for a Unix socket.
    package var port: Int { sockets.first?.listener.port ?? 0 }

    /// The listeners in the order of the configuration, with their bound addresses.
    package var listeners: [BoundListener] { sockets.map(\.listener) }

    /// Whether a flood is over, once for each: much less is open and held than before.
    package func hasCalmed() -> Bool { counters.hasFallen() }

    /// The counts so far.
    package var statistics: ServerStatistics { ServerStatistics(counters) }

    private init(sockets: [Socket], registries: [NIOLoopBound<ConnectionRegistry>], counters: ServerCounters) {
        self.sockets = sockets
        self.registries = registries
        self.counters = counters
    }

    /// Starts to listen, on all listeners or none.
    ///
    /// - Throws: ``ServerListenError`` where an address cannot be bound.
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
        let counters = ServerCounters(maximumMemory: configuration.maximumMemory)
        let pipeline = ConnectionPipeline(
            application: application,
            configuration: configuration,
            registries: registries,
            counters: counters
        )
        var sockets: [Socket] = []
        do {
            for listener in configuration.listeners {
                sockets.append(try await ListenerBinding(listener, pipeline: pipeline, group: group).bind())
            }
        } catch {
            for socket in sockets { try? await socket.channel.close() }
            for registry in registries.values { try? await registry.eventLoop.submit { registry.value.stop() }.get() }
            throw error
        }
        return HTTPServer(sockets: sockets, registries: Array(registries.values), counters: counters)
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
        for socket in sockets { await close(socket) }
    }

    /// Stops to accept, then closes; what was accepted last has reached its loop by then.
    ///
    /// Only our descriptor is closed: a socket that other processes share goes on for them, its queue included.
    private func close(_ socket: Socket) async {
        guard socket.channel.isActive else { return }
        try? await socket.channel.setOption(.autoRead, value: false).get()
        // The library drops a connection that is on its way to another loop and back when its listener has gone.
        for registry in registries { try? await registry.eventLoop.submit {}.get() }
        try? await socket.channel.eventLoop.submit {}.get()
        try? await socket.channel.close()
    }

    /// Closes idle connections, lets the others finish their answer, and closes what is left after `drain`.
    ///
    /// `beforeClosing` runs when the time is over and connections are still open.
    package func shutdown(
        drain: TimeAmount,
        beforeClosing: @Sendable () async -> Void = {}
    ) async {
        // Operators look on until the end.
        for socket in sockets where socket.listener.role != .admin { await close(socket) }
        await onEachLoop { $0.drain() }
        await waitForConnections(until: .now() + drain)
        if await connectionCount() > 0 {
            await beforeClosing()
            await waitForConnections(until: .now() + .seconds(1))
        }
        await stopListening()
        await onEachLoop {
            $0.closeAll()
            $0.stop()
        }
    }

    private func waitForConnections(until deadline: NIODeadline) async {
        guard let loop = registries.first?.eventLoop else { return }
        while await connectionCount() > 0, NIODeadline.now() < deadline {
            // Wakes a few times a second while the last answers are being written.
            try? await loop.scheduleTask(in: .milliseconds(20)) {}.futureResult.get()
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
