package import NIOCore
import NIOPosix

/// The connections of one event loop to upstream.
///
/// A call takes the connection that was used last, so that surplus ones grow old and are closed. Without a free one
/// a new one is opened, up to the limit; beyond it calls wait in order of arrival.
package final class UpstreamPool {
    private let configuration: UpstreamConfiguration
    private let eventLoop: any EventLoop
    private var idle: [UpstreamConnectionHandler] = []
    private var waiting: CircularBuffer<UpstreamCall> = []
    private var connecting = 0
    private var isClosed = false
    /// Connections in use, idle and being opened.
    package private(set) var connectionCount = 0
    /// Connections opened since the start.
    package private(set) var openedCount = 0

    package init(configuration: UpstreamConfiguration, eventLoop: any EventLoop) {
        self.configuration = configuration
        self.eventLoop = eventLoop
    }

    package var idleCount: Int { idle.count }

    package var waitingCount: Int { waiting.count }

    /// Sends a request; the receiver is told on this loop what comes of it.
    package func execute(_ request: UpstreamRequest, receiver: any UpstreamResponseReceiver) -> UpstreamCall {
        let call = UpstreamCall(
            request: request,
            receiver: receiver,
            deadline: .now() + configuration.waitTimeout
        )
        if let connection = takeIdle() {
            connection.send(call)
        } else if waiting.count >= configuration.maximumWaitingPerLoop {
            // Told later, so that the caller holds the call before it fails.
            eventLoop.assumeIsolated().execute {
                call.fail(UpstreamError(.poolExhausted, detail: "too many calls wait for a connection"))
            }
        } else {
            enqueue(call)
        }
        return call
    }

    func enqueue(_ call: UpstreamCall) {
        if let connection = takeIdle() { return connection.send(call) }
        waiting.append(call)
        if connecting < waiting.count, connectionCount < configuration.maximumConnectionsPerLoop { open() }
    }

    private func takeIdle() -> UpstreamConnectionHandler? {
        while let connection = idle.popLast() {
            if connection.isActive { return connection }
        }
        return nil
    }

    private func nextWaiting() -> UpstreamCall? {
        while let call = waiting.popFirst() {
            if !call.isCancelled { return call }
        }
        return nil
    }

    // MARK: - Connections

    func putBack(_ connection: UpstreamConnectionHandler) {
        if isClosed { return connection.close() }
        if let call = nextWaiting() { return connection.send(call) }
        connection.idleSince = .now()
        idle.append(connection)
    }

    func closed(_ connection: UpstreamConnectionHandler) {
        connectionCount -= 1
        if let index = idle.lastIndex(where: { $0 === connection }) { idle.remove(at: index) }
        if connecting < waiting.count, connectionCount < configuration.maximumConnectionsPerLoop { open() }
    }

    private func open() {
        connecting += 1
        connectionCount += 1
        openedCount += 1
        let connection = UpstreamConnectionHandler(pool: self)
        let bound = NIOLoopBound((self, connection), eventLoop: eventLoop)
        let configuration = configuration
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(configuration.connectTimeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls = configuration.tls {
                        try pipeline.addHandler(UpstreamTLS.handler(tls, host: configuration.host))
                    }
                    try pipeline.addHandler(bound.value.1)
                }
            }
        let connected: EventLoopFuture<any Channel>
        if let address = try? SocketAddress(ipAddress: configuration.host, port: configuration.port) {
            connected = bootstrap.connect(to: address)
        } else {
            connected = bootstrap.connect(host: configuration.host, port: configuration.port)
        }
        connected.assumeIsolated().whenComplete { [self] result in
            connecting -= 1
            switch result {
            case .success: putBack(connection)
            case .failure(let error): failedToConnect(error)
            }
        }
    }

    private func failedToConnect(_ error: any Error) {
        connectionCount -= 1
        let code: UpstreamError.Code
        if case .some(.connectTimeout) = error as? ChannelError { code = .connectTimeout } else { code = .unreachable }
        nextWaiting()?.fail(UpstreamError(code, detail: "\(error)"))
        if connecting < waiting.count, connectionCount < configuration.maximumConnectionsPerLoop { open() }
    }

    // MARK: - Time and life-cycle

    /// Called about once a second: ends calls that waited too long, closes connections that nobody needs.
    package func tick(now: NIODeadline) {
        while let first = waiting.first, first.isCancelled || now >= first.deadline {
            waiting.removeFirst()
            if !first.isCancelled {
                first.fail(UpstreamError(.poolExhausted, detail: "waited too long for a connection"))
            }
        }
        let old = now - configuration.idleTimeout
        let expired = idle.prefix { $0.idleSince < old }
        for connection in Array(expired) { connection.close() }
    }

    /// Closes the idle connections and, from now on, the others when their call ends.
    package func shutdown() {
        isClosed = true
        for connection in idle { connection.close() }
    }
}
