import NIOCore
import NIOHTTP2
import NIOSSL

/// Sets up the handlers of accepted connections, in the order in which their protocols nest.
struct ConnectionPipeline: Sendable {
    let application: any HTTPApplication
    let configuration: HTTPServerConfiguration
    let registries: [ObjectIdentifier: NIOLoopBound<ConnectionRegistry>]
    let counters: ServerCounters

    /// Counts an accepted connection and gives it its first handlers; throws where there is no room for it.
    func start(_ channel: any Channel, of bound: BoundListener) throws {
        let open = counters.connectionOpened()
        channel.closeFuture.whenComplete { [counters] _ in counters.connectionClosed() }
        guard open <= configuration.absoluteMaximumConnections else {
            counters.count(counters.droppedConnections)
            throw ChannelError.eof
        }
        let isOverLimit = open > configuration.maximumConnections
        if isOverLimit { counters.count(counters.rejectedConnections) }
        let peer = channel.remoteAddress
        let facts = ConnectionFacts(
            listener: bound,
            remoteAddress: RemoteAddress(peer),
            isOverLimit: isOverLimit
        )
        guard expectsProxyHeader(peer, bound.listener.proxyProtocol) else {
            return try addTransport(channel, try share(facts, of: channel))
        }
        let handler = ProxyProtocolHandler(
            registry: registry(of: channel),
            counters: counters,
            timeout: configuration.handshakeTimeout
        ) { peer, context in
            var facts = facts
            switch peer {
            case .connection: break
            case .client(let address): facts.remoteAddress = RemoteAddress(address)
            case .unnamed: facts.remoteAddress = .unnamed
            }
            try addTransport(context.channel, try share(facts, of: context.channel))
        }
        try channel.pipeline.syncOperations.addHandler(handler)
    }

    /// Counts the connection for its address; throws where that has far too many.
    private func share(_ facts: ConnectionFacts, of channel: any Channel) throws -> ConnectionFacts {
        guard let address = facts.remoteAddress.bits, !configuration.isExempt(facts.remoteAddress) else { return facts }
        let (share, connections) = counters.peers.connectionOpened(address)
        channel.closeFuture.whenComplete { [counters] _ in counters.peers.connectionClosed(share) }
        let maximum = configuration.maximumConnectionsPerAddress
        guard connections <= HTTPServerConfiguration.absolute(maximum) else {
            counters.count(counters.droppedConnections)
            throw ChannelError.eof
        }
        var facts = facts
        facts.peer = share
        if connections > maximum, !facts.isOverLimit {
            facts.isOverLimit = true
            counters.count(counters.rejectedConnections)
        }
        return facts
    }

    private func expectsProxyHeader(_ peer: SocketAddress?, _ rule: HTTPListener.ProxyProtocol) -> Bool {
        switch rule {
        case .never: false
        case .always: true
        case .from(let isTrusted): peer.map { isTrusted($0) } ?? false
        }
    }

    private func registry(of channel: any Channel) -> ConnectionRegistry {
        guard let registry = registries[ObjectIdentifier(channel.eventLoop)] else {
            preconditionFailure("a connection on a loop outside of the server's group")
        }
        return registry.value
    }

    private func addTransport(_ channel: any Channel, _ facts: ConnectionFacts) throws {
        let pipeline = channel.pipeline.syncOperations
        if let tls = facts.listener.listener.tls {
            if !tls.protocols.isEmpty {
                try pipeline.addHandler(ClientHelloHandler(protocols: tls.protocols))
            }
            try pipeline.addHandler(NIOSSLServerHandler(context: tls.current))
            let handler = TLSNegotiationHandler(
                registry: registry(of: channel),
                counters: counters,
                timeout: configuration.handshakeTimeout
            ) { negotiated, context in
                if negotiated == "h2" {
                    try addHTTP2(context.channel, facts)
                } else {
                    try addHTTP1(context.channel, facts)
                }
            }
            try pipeline.addHandler(handler)
        } else if facts.listener.listener.allowsCleartextHTTP2 {
            let handler = PrefaceHandler(
                registry: registry(of: channel),
                timeout: configuration.headerTimeout
            ) { isHTTP2, context in
                if isHTTP2 {
                    try addHTTP2(context.channel, facts)
                } else {
                    try addHTTP1(context.channel, facts)
                }
            }
            try pipeline.addHandler(handler)
        } else {
            try addHTTP1(channel, facts)
        }
    }

    private func addHTTP1(_ channel: any Channel, _ facts: ConnectionFacts) throws {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(
            ClientConnectionHandler(
                application: application,
                configuration: configuration,
                registry: registry(of: channel),
                facts: facts
            )
        )
    }

    private func addHTTP2(_ channel: any Channel, _ facts: ConnectionFacts) throws {
        counters.count(counters.http2Connections)
        let connection = HTTP2ConnectionHandler(
            application: application,
            configuration: configuration,
            registry: registry(of: channel),
            facts: facts
        )
        let management = NIOHTTP2ServerConnectionManagementHandler(
            eventLoop: channel.eventLoop,
            configuration: .init(maxIdleTime: nil, maxAge: nil, maxGraceTime: nil, keepalive: nil)
        )
        let bound = NIOLoopBound(connection, eventLoop: channel.eventLoop)
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(
            StreamLimitHandler(limit: configuration.maximumConcurrentStreams) { connection.settingsWereAcknowledged() }
        )
        // Only this way takes a delegate for frames. Its sequence of streams is not wanted: let go of, it keeps none.
        _ = try pipeline.configureAsyncHTTP2Pipeline(
            mode: .server,
            streamDelegate: management.http2StreamDelegate,
            frameDelegate: connection,
            configuration: NIOHTTP2Handler.Configuration(connection: http2Connection, stream: http2Stream)
        ) { stream in
            stream.eventLoop.makeCompletedFuture {
                try stream.pipeline.syncOperations.addHandler(HTTP2StreamHandler(connection: bound.value))
            }
        }
        try pipeline.addHandlers([management, connection])
    }

    /// Bounds on what one connection may ask for: streams, header lists, resets and control frames.
    private var http2Connection: NIOHTTP2Handler.ConnectionConfiguration {
        var settings = NIOHTTP2Handler.ConnectionConfiguration()
        settings.initialSettings = [
            // Above what is announced: see `StreamLimitHandler`.
            HTTP2Setting(parameter: .maxConcurrentStreams, value: configuration.maximumConcurrentStreams + 256),
            HTTP2Setting(parameter: .maxHeaderListSize, value: configuration.maximumHeaderBytes),
            HTTP2Setting(parameter: .initialWindowSize, value: Self.streamWindow),
        ]
        settings.targetWindowSize = 4 * Self.streamWindow
        settings.maximumRecentlyResetStreams = 100
        settings.maximumBufferedControlFrames = 1000
        settings.maximumSequentialContinuationFrames = 8
        // Counted by `HTTP2ConnectionHandler`, with what the answered requests make up for.
        settings.maximumConnectionGlitches = .max
        return settings
    }

    private var http2Stream: NIOHTTP2Handler.StreamConfiguration {
        var settings = NIOHTTP2Handler.StreamConfiguration()
        settings.targetWindowSize = Self.streamWindow
        settings.outboundBufferSizeHighWatermark = 64 << 10
        settings.outboundBufferSizeLowWatermark = 32 << 10
        return settings
    }

    /// Bytes of a body that may be on their way in one stream.
    private static let streamWindow = 256 << 10
}
