import NIOCore
import NIOHTTP2

/// One HTTP/2 connection: watches its streams, and ends it gracefully.
final class HTTP2ConnectionHandler: ChannelInboundHandler, NIOHTTP2FrameDelegate, ServedConnection {
    typealias InboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    /// Resets that a client may bring about, by its own or by errors that make us send them, beyond its answered requests.
    private static let maximumProvokedResets = 100
    /// Streams above the limit that are not counted as provoked resets, from a client that may not know the limit yet.
    private static let maximumEarlyRefusals = 1000
    /// How long a client may take to close after it was asked to.
    private static let goodbyeTimeout = TimeAmount.seconds(5)

    let application: any HTTPApplication
    let configuration: HTTPServerConfiguration
    let facts: ConnectionFacts
    private let registry: ConnectionRegistry
    private var context: ChannelHandlerContext?
    private var streams: [ObjectIdentifier: HTTP2StreamHandler] = [:]
    private var isDraining = false
    private var provokedResets = 0
    /// Streams that were refused while the client could not know the limit.
    private var refusedEarly = 0
    private var knowsLimit = false
    /// Nothing more is begun here: the client has provoked too many resets.
    private(set) var isOver = false
    /// The library has said GOAWAY because of an error.
    private var isBroken = false
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
        // An error of the protocol is one stream's, whose channel hears of it, unless a GOAWAY came before it.
        if !isBroken, error is any NIOHTTP2Error { return }
        context.close(promise: nil)
    }

    /// Called by the library, in the middle of its work, for each frame that it has written.
    func wroteFrame(_ frame: HTTP2Frame) {
        switch frame.payload {
        // After an answer that left before the body was there, and for a stream that failed on our side.
        case .rstStream(.noError), .rstStream(.internalError): break
        case .rstStream(.refusedStream) where !knowsLimit && refusedEarly < Self.maximumEarlyRefusals:
            refusedEarly += 1
        case .rstStream: resetWasProvoked()
        case .goAway(_, .noError, _): break
        case .goAway: isBroken = true
        default: break
        }
    }

    /// Counts work that a client has made us begin for nothing; who goes on with it is sent away.
    ///
    /// An answered request makes up for one reset: behind a proxy the streams of one connection are many people's.
    func resetWasProvoked() {
        provokedResets += 1
        guard provokedResets > Self.maximumProvokedResets, !isOver else { return }
        isOver = true
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.execute { bound.value.sendAway() }
    }

    /// The client has read the settings, among them the number of streams it may open.
    func settingsWereAcknowledged() {
        knowsLimit = true
    }

    func requestWasAnswered() {
        if provokedResets > 0 { provokedResets -= 1 }
    }

    private func sendAway() {
        guard let context, !isBroken else { return }
        let payload = HTTP2Frame.FramePayload.goAway(lastStreamID: .maxID, errorCode: .enhanceYourCalm, opaqueData: nil)
        context.writeAndFlush(wrapOutboundOut(HTTP2Frame(streamID: .rootStream, payload: payload)), promise: nil)
        context.close(promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? NIOHTTP2WindowUpdatedEvent, event.streamID == .rootStream {
            for stream in streams.values { stream.progressed() }
        }
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: - Streams

    /// Takes a new stream; false where there are as many as there may be.
    func add(_ stream: HTTP2StreamHandler) -> Bool {
        guard streams.count < configuration.maximumConcurrentStreams else { return false }
        streams[ObjectIdentifier(stream)] = stream
        if !isDraining { deadline = .distantFuture }
        return true
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
