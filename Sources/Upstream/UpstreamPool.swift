import ByteWriting
package import NIOCore
import NIOPosix

/// The connections of one event loop to upstream.
///
/// A call takes the connection that was used last, so that surplus ones grow old and are closed. Without a free one
/// a new one is opened, up to the limit; beyond it calls wait in order of arrival.
package final class UpstreamPool {
    package let configuration: UpstreamConfiguration
    private let eventLoop: any EventLoop
    private var idle: [UpstreamConnectionHandler] = []
    private var waiting: CircularBuffer<UpstreamCall> = []
    private var connecting = 0
    private var isClosed = false
    /// Connections that read the rest of an answer that is no longer needed; checked once a second.
    private var draining: [UpstreamConnectionHandler] = []
    private var unflushed: [UpstreamConnectionHandler] = []
    private var flushTask: (@Sendable () -> Void)?
    /// Connections in use, idle and being opened.
    private var connectionCount = 0
    /// Counted since the start; current values are filled in on demand.
    private var counters = UpstreamStatistics()
    /// Keeps calls back while the host is down.
    package private(set) var breaker: CircuitBreaker
    /// Told on this loop when the breaker opens, and when it closes again; a probe that fails is neither.
    package var breakerChanged: ((CircuitBreaker) -> Void)?

    package init(configuration: UpstreamConfiguration, eventLoop: any EventLoop) {
        self.configuration = configuration
        self.eventLoop = eventLoop
        breaker = CircuitBreaker(limits: configuration.breaker)
    }

    /// The state of the pool now.
    package var statistics: UpstreamStatistics {
        var statistics = counters
        statistics.idle = idle.count
        statistics.connecting = connecting
        statistics.active = connectionCount - connecting - idle.count
        statistics.waiting = waiting.count
        statistics.breakerOpenings = breaker.openings
        statistics.isBreakerOpen = breaker.state != .closed
        return statistics
    }

    /// Sends a request; the receiver is told on this loop what comes of it.
    package func execute(_ request: UpstreamRequest, receiver: any UpstreamResponseReceiver) -> UpstreamCall {
        let now = NIODeadline.now()
        let call = UpstreamCall(request: request, receiver: receiver, deadline: now + configuration.waitTimeout)
        if let wait = breaker.wait(now: now) {
            counters.refusedByBreaker += 1
            fail(call, UpstreamError(.circuitOpen, detail: breaker.reason, retryAfter: wait))
        } else if call.takesIdleConnection, let connection = takeIdle() {
            connection.send(call)
        } else if waiting.count >= configuration.maximumWaitingPerLoop {
            fail(call, UpstreamError(.poolExhausted, detail: "too many calls wait for a connection"))
        } else {
            enqueue(call)
        }
        return call
    }

    /// Flushes a connection when all that is ready on this loop has been looked at.
    ///
    /// Calls that leave together wake upstream once; nothing is held back longer than the present turn of the loop.
    func flushLater(_ connection: UpstreamConnectionHandler) {
        unflushed.append(connection)
        guard unflushed.count == 1 else { return }
        if flushTask == nil {
            let bound = NIOLoopBound(self, eventLoop: eventLoop)
            flushTask = { bound.value.flushAll() }
        }
        if let flushTask { eventLoop.execute(flushTask) }
    }

    private func flushAll() {
        // By index: a flush may fail and end its call, whose retry may use another connection.
        var index = 0
        while index < unflushed.count {
            unflushed[index].flush()
            index += 1
        }
        unflushed.removeAll(keepingCapacity: true)
    }

    /// Fails a call later, so that the caller holds it before it fails.
    private func fail(_ call: UpstreamCall, _ error: UpstreamError) {
        eventLoop.assumeIsolated().execute { call.fail(error) }
    }

    /// Sends a call again whose pooled connection upstream had closed.
    func resend(_ call: UpstreamCall) {
        counters.resent += 1
        enqueue(call)
    }

    private func enqueue(_ call: UpstreamCall) {
        if call.takesIdleConnection {
            if let connection = takeIdle() { return connection.send(call) }
        } else if connectionCount >= configuration.maximumConnectionsPerLoop {
            // Makes room for a new one.
            idle.first?.close()
        }
        waiting.append(call)
        openIfNeeded()
    }

    private func openIfNeeded() {
        if connecting < waiting.count, connectionCount < configuration.maximumConnectionsPerLoop { open() }
    }

    // MARK: - The host's health

    /// The host answered with something of its own.
    package func hostAnswered() {
        guard breaker.state != .closed else { return breaker.succeeded() }
        breaker.succeeded()
        breakerChanged?(breaker)
    }

    /// The host is in trouble: `reason` is a word such as `status 502`.
    package func hostFailed(_ reason: String) {
        let wasClosed = breaker.state == .closed
        breaker.failed(reason, now: .now())
        if wasClosed, breaker.state != .closed { breakerChanged?(breaker) }
    }

    // MARK: - Sessions

    /// Counts a connection that a session opens for itself; the error says why it may not.
    ///
    /// Each one that was admitted ends with ``sessionEnded()``.
    package func admitSession() -> UpstreamError? {
        if let wait = breaker.wait(now: .now()) {
            counters.refusedByBreaker += 1
            return UpstreamError(.circuitOpen, detail: breaker.reason, retryAfter: wait)
        }
        if connectionCount >= configuration.maximumConnectionsPerLoop { idle.first?.close() }
        guard connectionCount < configuration.maximumConnectionsPerLoop else {
            return UpstreamError(.poolExhausted, detail: "no connection is free for a session")
        }
        connectionCount += 1
        counters.opened += 1
        return nil
    }

    /// The connection of a session is gone.
    package func sessionEnded() {
        connectionCount -= 1
        openIfNeeded()
    }

    /// Counts a connection that could not be opened; what we lack ourselves says nothing about the host.
    package func judge(_ error: UpstreamError) {
        if error.code != .noResources { hostFailed(error.code.rawValue) }
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

    func drains(_ connection: UpstreamConnectionHandler) {
        draining.append(connection)
    }

    func putBack(_ connection: UpstreamConnectionHandler) {
        let now = NIODeadline.now()
        if isClosed { return connection.close() }
        if now >= connection.retirement {
            counters.retired += 1
            return connection.close()
        }
        offer(connection, now: now)
    }

    func opened(_ connection: UpstreamConnectionHandler) {
        connecting -= 1
        if isClosed { return connection.close() }
        // The first call is carried whatever the age: a limit of nothing means one call each.
        offer(connection, now: .now())
    }

    private func offer(_ connection: UpstreamConnectionHandler, now: NIODeadline) {
        if let call = nextWaiting() { return connection.send(call) }
        connection.idleSince = now
        idle.append(connection)
    }

    /// Lends an idle connection no more: it is about to be closed.
    func withdraw(_ connection: UpstreamConnectionHandler) {
        if let index = idle.lastIndex(where: { $0 === connection }) { idle.remove(at: index) }
    }

    func closed(_ connection: UpstreamConnectionHandler) {
        connectionCount -= 1
        withdraw(connection)
        openIfNeeded()
    }

    func failedToOpen(_ error: UpstreamError) {
        connecting -= 1
        connectionCount -= 1
        counters.failedToOpen += 1
        judge(error)
        nextWaiting()?.fail(error)
        openIfNeeded()
    }

    private func open() {
        connecting += 1
        connectionCount += 1
        counters.opened += 1
        let age = configuration.maximumConnectionAge.nanoseconds
        let connection = UpstreamConnectionHandler(
            pool: self,
            retirement: .now() + .nanoseconds(age - age / 10 + Int64.random(in: 0...max(1, age / 5)))
        )
        let configuration = configuration
        // Several addresses may be tried, each with a channel of its own: only the one that connects gets the handlers.
        var bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(configuration.connectTimeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.recvAllocator, value: ReadBufferSize())
        let mayCall = configuration.proxy == nil ? configuration.mayCall : nil
        if let mayCall { bootstrap = bootstrap.resolver(AddressFilter(mayCall, eventLoop: eventLoop)) }
        let host = configuration.proxy?.host ?? configuration.host
        let port = configuration.proxy?.port ?? configuration.port
        let connected: EventLoopFuture<any Channel>
        if let address = try? SocketAddress(ipAddress: host, port: port) {
            guard mayCall?(address) != false else {
                return connection.failOpening(AddressFilter.refusal(of: host))
            }
            connected = bootstrap.connect(to: address)
        } else {
            connected = bootstrap.connect(host: host, port: port)
        }
        if configuration.tls != nil { connection.limitOpening(to: configuration.connectTimeout, on: eventLoop) }
        // A failure may be known at once; told at once, a long row of waiting calls would fail inside one another.
        var isReturning = false
        let eventLoop = eventLoop
        connected.assumeIsolated().whenComplete { result in
            guard isReturning else { return eventLoop.assumeIsolated().execute { settle(result) } }
            settle(result)
        }
        isReturning = true

        func settle(_ result: Result<any Channel, any Error>) {
            switch result {
            case .success(let channel):
                do {
                    try Self.prepare(channel.pipeline.syncOperations, for: connection, configuration)
                    // With TLS, and a tunnel for it, there is more to come.
                    if configuration.tls == nil { connection.opened() }
                } catch {
                    channel.close(promise: nil)
                    connection.failOpening(UpstreamError(.unreachable, detail: "\(error)"))
                }
            case .failure(let error):
                connection.failOpening(UpstreamError(connecting: error, viaProxy: configuration.proxy != nil))
            }
        }
    }

    private static func prepare(
        _ pipeline: ChannelPipeline.SynchronousOperations,
        for connection: UpstreamConnectionHandler,
        _ configuration: UpstreamConfiguration
    ) throws {
        if let tls = configuration.tls {
            if let proxy = configuration.proxy {
                let name = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
                try pipeline.addHandler(
                    ProxyTunnelHandler(
                        proxy: proxy,
                        target: "\(name):\(configuration.port)",
                        established: { context in
                            try context.pipeline.syncOperations.addHandler(
                                UpstreamTLS.handler(tls, host: configuration.host),
                                position: .before(context.handler)
                            )
                        },
                        failed: { connection.failOpening($0) }
                    )
                )
            } else {
                try pipeline.addHandler(UpstreamTLS.handler(tls, host: configuration.host))
            }
        }
        try pipeline.addHandler(connection)
    }

    // MARK: - Time and life-cycle

    /// Called about once a second: ends calls that waited too long, closes connections that have been idle too long.
    package func tick(now: NIODeadline) {
        while let first = waiting.first, first.isCancelled || now >= first.deadline {
            waiting.removeFirst()
            if !first.isCancelled {
                first.fail(UpstreamError(.poolExhausted, detail: "waited too long for a connection"))
            }
        }
        draining.removeAll { $0.hasDrained(now: now) }
        breaker.fade()
        let old = now - configuration.idleTimeout
        for connection in idle where connection.idleSince < old || connection.retirement <= now {
            if connection.idleSince >= old { counters.retired += 1 }
            connection.close()
        }
    }

    /// Closes the idle connections and, from now on, the others when their call ends.
    package func shutdown() {
        isClosed = true
        for connection in idle { connection.close() }
        draining.removeAll()
        // It holds the pool.
        flushTask = nil
    }
}
