import NIOCore
import NIOHTTP2

/// One HTTP/2 connection: watches its streams, and ends it gracefully.
final class HTTP2ConnectionHandler: ChannelInboundHandler, ServedConnection {
    typealias InboundIn = HTTP2Frame

    /// How long a client may take to close after it was asked to.
    private static let goodbyeTimeout = TimeAmount.seconds(5)

    let application: any HTTPApplication
    let configuration: HTTPServerConfiguration
    let facts: ConnectionFacts
    private let registry: ConnectionRegistry
    private var context: ChannelHandlerContext?
    private var streams: [ObjectIdentifier: HTTP2StreamHandler] = [:]
    private var isDraining = false
    /// When a connection without streams is asked to end, or one that was asked is closed.
    private var deadline: NIODeadline
    private var stall = WriteStallWatch()

    var eventLoop: any EventLoop { registry.eventLoop }

    init(
        application: any HTTPApplication,
        configuration: HTTPServerConfiguration,
        registry: ConnectionRegistry,
        facts: ConnectionFacts
    ) {
        self.application = application
        self.configuration = configuration
        self.registry = registry
        self.facts = facts
        deadline = .now() + configuration.headerTimeout
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        registry.add(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        registry.remove(self)
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        registry.remove(self)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Errors of one stream reach its own channel, too, and leave the others alone.
        if error is NIOHTTP2Errors.StreamError { return }
        context.close(promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? NIOHTTP2WindowUpdatedEvent, event.streamID == .rootStream {
            for stream in streams.values { stream.progressed() }
        }
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: - Streams

    func add(_ stream: HTTP2StreamHandler) {
        streams[ObjectIdentifier(stream)] = stream
        if !isDraining { deadline = .distantFuture }
    }

    func remove(_ stream: HTTP2StreamHandler) {
        guard streams.removeValue(forKey: ObjectIdentifier(stream)) != nil, streams.isEmpty else { return }
        deadline = .now() + (isDraining ? Self.goodbyeTimeout : configuration.keepAliveTimeout)
    }

    // MARK: - Time and life-cycle

    func tick(now: NIODeadline) {
        guard let context else { return }
        if stall.isStalled(on: context.channel, now: now, timeout: configuration.writeStallTimeout) {
            facts.listener.counters.count(facts.listener.counters.stalledConnections)
            return closeNow()
        }
        for stream in Array(streams.values) { stream.tick(now: now) }
        guard now >= deadline, streams.isEmpty else { return }
        if isDraining { closeNow() } else { drain() }
    }

    func drain() {
        guard !isDraining, let context else { return }
        isDraining = true
        if streams.isEmpty { deadline = .now() + Self.goodbyeTimeout }
        // Understood by the connection management in front of this handler: GOAWAY, and the end after the last stream.
        context.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }

    func closeNow() {
        context?.close(promise: nil)
    }
}
