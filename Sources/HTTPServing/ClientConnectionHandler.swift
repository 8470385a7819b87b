import NIOCore
import NIOHTTP1

/// One client's connection: turns HTTP parts into exchanges, one at a time, and bytes of answers into writes.
///
/// Pipelined requests wait until the exchange before them is over.
final class ClientConnectionHandler: ChannelInboundHandler, ServedConnection {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = ByteBuffer

    private static let continueLine = ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n")
    private static let lastChunk = ByteBuffer(staticString: "0\r\n\r\n")
    /// Pipelined parts kept before reading stops.
    private static let queueLimit = 64
    /// How long an answered but still sending client is listened to before its connection is closed.
    private static let lingerTimeout = TimeAmount.seconds(2)

    /// How long an idle connection is kept when the server stops.
    static let drainGrace = TimeAmount.milliseconds(500)

    private let application: any HTTPApplication
    private let configuration: HTTPServerConfiguration
    private let registry: ConnectionRegistry
    private var context: ChannelHandlerContext?
    private let facts: ConnectionFacts
    private var exchange: HTTPExchange?
    private var queue: CircularBuffer<HTTPServerRequestPart> = []
    private var readingPaused = false
    /// Nothing more is read as a request: the connection closes, or what came last could not be understood.
    private var isDeaf = false
    private var lingering = false
    /// Closes when all is written.
    private var isClosing = false
    /// What stopped the parser while an earlier request was still being answered.
    private var failure: HTTPParserError?
    private var stall = WriteStallWatch()
    private var isDraining = false
    /// When the present state must have ended; far away while an answer is being made.
    private var deadline = NIODeadline.distantFuture
    private var bodyDeadline = NIODeadline.distantFuture

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
    }

    // MARK: - Channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        deadline = .now() + configuration.headerTimeout
        registry.add(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        registry.remove(self)
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        registry.remove(self)
        queue.removeAll()
        if let exchange {
            let delegate = exchange.isOpen ? exchange.delegate : nil
            self.exchange = nil
            exchange.detach()
            // Held by the local variable while it is told.
            delegate?.clientLeft(exchange)
        }
        context.fireChannelInactive()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if let exchange { exchange.delegate?.writabilityChanged(exchange, isWritable: context.channel.isWritable) }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let failure = error as? HTTPParserError, context.channel.isActive else {
            context.close(promise: nil)
            return
        }
        if isDeaf { return }
        // Earlier requests are answered first.
        if !queue.isEmpty || exchange?.bodyState == .complete {
            self.failure = failure
        } else {
            parsingFailed(failure)
        }
    }

    /// The bytes after the last part are no HTTP: refuse the request they belong to, and hear nothing more.
    private func parsingFailed(_ failure: HTTPParserError) {
        self.failure = nil
        isDeaf = true
        facts.listener.counters.count(facts.listener.counters.malformedRequests)
        if let exchange {
            // The answer to a body that was not wanted is on its way, or written.
            guard exchange.isOpen else { return linger() }
            guard !exchange.hasStarted else { return closeNow() }
            exchange.bodyState = .discarding
            return reject(exchange, .malformed)
        }
        let exchange = makeExchange(HTTPRequestHead(version: .http1_1, method: .GET, uri: "/"))
        exchange.bodyState = .discarding
        let tooLarge = failure == .headerOverflow
        reject(exchange, tooLarge ? .headersTooLarge(limit: configuration.maximumHeaderBytes) : .malformed)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if isDeaf { return }
        guard queue.isEmpty, exchange.map({ $0.bodyState != .complete }) ?? true else {
            queue.append(part)
            if queue.count >= Self.queueLimit, !readingPaused { pauseReading(true) }
            return
        }
        receive(part)
    }

    private func pauseReading(_ paused: Bool) {
        readingPaused = paused
        context?.channel.setOption(.autoRead, value: !paused).whenComplete { _ in }
    }

    // MARK: - Requests

    private func receive(_ part: HTTPServerRequestPart) {
        switch part {
        case .head(let head): receiveHead(head)
        case .body(let bytes): receiveBody(bytes)
        case .end: receiveEnd()
        }
    }

    private func makeExchange(_ head: HTTPRequestHead) -> HTTPExchange {
        // A handler without a context gets no parts; the embedded loop stands in to keep this total.
        let loop: any EventLoop = context?.eventLoop ?? registry.eventLoop
        let exchange = HTTPExchange(
            head: head,
            remoteAddress: facts.remoteAddress,
            listener: facts.listener,
            connection: self,
            eventLoop: loop
        )
        if isDraining { exchange.closes = true }
        self.exchange = exchange
        return exchange
    }

    private func receiveHead(_ received: HTTPRequestHead) {
        var head = received
        var framing = RequestFraming()
        var rejection = facts.isOverLimit ? HTTPRejection.tooManyConnections : nil
        do {
            framing = try RequestFraming(head)
            if head.uri.utf8.first != UInt8(ascii: "/") || head.method == .CONNECT {
                guard let path = RequestTarget.path(of: head) else { throw RequestFraming.Fault.target }
                head.uri = path
            }
        } catch {
            facts.listener.counters.count(facts.listener.counters.malformedRequests)
            rejection = .malformed
        }
        let exchange = makeExchange(head)
        exchange.contentLength = framing.contentLength
        if let length = framing.contentLength, length > configuration.maximumBodyBytes, rejection == nil {
            rejection = .bodyTooLarge(limit: configuration.maximumBodyBytes)
        }
        if let rejection {
            // What follows may be a body, or a request that only looks like one.
            isDeaf = true
            exchange.bodyState = .discarding
            return reject(exchange, rejection)
        }
        // The decoder hands nothing on after a request for another protocol, which is answered in this one.
        if framing.asksUpgrade { exchange.closes = true }
        deadline = exchange.started + configuration.bodyIdleTimeout
        bodyDeadline = exchange.started + configuration.bodyTimeout
        application.receive(exchange)
        guard !exchange.hasStarted, self.exchange === exchange else {
            if exchange.bodyState == .arriving { exchange.bodyState = .discarding }
            return
        }
        if framing.expectsContinue {
            write(Self.continueLine)
            flush()
        }
    }

    private func receiveBody(_ bytes: ByteBuffer) {
        guard let exchange, exchange.bodyState == .arriving else { return }
        deadline = .now() + configuration.bodyIdleTimeout
        guard exchange.body.readableBytes + bytes.readableBytes <= configuration.maximumBodyBytes else {
            exchange.bodyState = .discarding
            exchange.body = ByteBuffer()
            exchange.releaseBody()
            isDeaf = true
            return reject(exchange, .bodyTooLarge(limit: configuration.maximumBodyBytes))
        }
        guard exchange.holdBody(bytes.readableBytes) else {
            exchange.bodyState = .discarding
            exchange.body = ByteBuffer()
            exchange.releaseBody()
            isDeaf = true
            return reject(exchange, .tooMuchBodyMemory)
        }
        if exchange.body.readableBytes == 0, bytes.readableBytes == exchange.contentLength {
            exchange.body = bytes
        } else {
            if exchange.body.readableBytes == 0 {
                exchange.body = allocator.buffer(capacity: max(exchange.contentLength ?? 0, bytes.readableBytes))
            }
            exchange.body.writeImmutableBuffer(bytes)
        }
    }

    private func receiveEnd() {
        guard let exchange else { return }
        let discarded = exchange.bodyState == .discarding
        exchange.bodyState = .complete
        deadline = .distantFuture
        bodyDeadline = .distantFuture
        if exchange.isOpen, !discarded {
            let body = exchange.body
            exchange.body = ByteBuffer()
            exchange.delegate?.bodyReceived(body, of: exchange)
        } else if !exchange.isOpen {
            nextExchange()
        }
    }

    private func reject(_ exchange: HTTPExchange, _ reason: HTTPRejection) {
        exchange.closes = true
        application.reject(exchange, reason: reason)
    }

    // MARK: - Answers

    var isWritable: Bool { context?.channel.isWritable ?? false }

    var allocator: ByteBufferAllocator { context?.channel.allocator ?? ByteBufferAllocator() }

    func write(_ bytes: ByteBuffer) {
        context?.write(wrapOutboundOut(bytes), promise: nil)
    }

    func writeLastChunk() {
        write(Self.lastChunk)
    }

    func flush() {
        context?.flush()
    }

    func flushed() -> EventLoopFuture<Void> {
        guard let context else { return registry.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel) }
        return context.writeAndFlush(wrapOutboundOut(ByteBuffer()))
    }

    func closeNow() {
        context?.close(promise: nil)
    }

    /// The answer is written: go on with the next request, or close.
    func exchangeEnded(_ ended: HTTPExchange) {
        guard ended === exchange else { return }
        if ended.closes {
            exchange = nil
            if ended.bodyState == .complete { close() } else { linger() }
        } else if ended.bodyState == .complete {
            nextExchange()
        } else {
            ended.bodyState = .discarding
        }
    }

    private func nextExchange() {
        exchange = nil
        if isDraining { return close() }
        deadline = .now() + configuration.keepAliveTimeout
        while let part = queue.popFirst() {
            receive(part)
            if isDeaf { return }
            if let exchange, exchange.bodyState == .complete { break }
        }
        guard queue.isEmpty else { return }
        if readingPaused { pauseReading(false) }
        if let failure, exchange?.bodyState != .complete { parsingFailed(failure) }
    }

    /// Closes when all that was written has left.
    private func close() {
        guard let context, !isClosing else { return }
        isDeaf = true
        isClosing = true
        queue.removeAll()
        deadline = .distantFuture
        bodyDeadline = .distantFuture
        guard WriteStallWatch.pendingBytes(of: context.channel) > 0 else { return context.close(promise: nil) }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        flushed().whenComplete { _ in bound.value.closeNow() }
    }

    /// Closes after an answer that the client may get before it has sent all of its body.
    ///
    /// Closing with unread bytes would reset the connection and could destroy the answer on its way.
    private func linger() {
        isDeaf = true
        lingering = true
        queue.removeAll()
        deadline = .now() + Self.lingerTimeout
        bodyDeadline = .distantFuture
        context?.close(mode: .output, promise: nil)
    }

    // MARK: - Time and life-cycle

    func tick(now: NIODeadline) {
        guard let context else { return }
        let timeout = configuration.writeStallTimeout
        if stall.isStalled(on: context.channel, always: isClosing, now: now, timeout: timeout) {
            facts.listener.counters.count(facts.listener.counters.stalledConnections)
            return closeNow()
        }
        guard now >= deadline || now >= bodyDeadline else { return }
        if let exchange, exchange.isOpen, !exchange.hasStarted, exchange.bodyState == .arriving, !lingering {
            exchange.bodyState = .discarding
            exchange.releaseBody()
            deadline = .distantFuture
            bodyDeadline = .distantFuture
            isDeaf = true
            reject(exchange, .bodyTimeout)
        } else {
            closeNow()
        }
    }

    func drain() {
        isDraining = true
        if let exchange {
            exchange.closes = true
        } else if !lingering, !isClosing {
            // A request may be on its way: to close at once would reset it. It is answered with `Connection: close`.
            deadline = min(deadline, .now() + Self.drainGrace)
        }
    }
}
