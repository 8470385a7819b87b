import NIOCore
import NIOHTTP1

/// One client's connection: turns its bytes into exchanges, one at a time, and bytes of answers into writes.
///
/// Pipelined requests wait, unread, until the exchange before them is over and the client has taken its answer but for
/// what a channel may hold: who does not read is not worked for.
final class ClientConnectionHandler: ChannelInboundHandler, RemovableChannelHandler, ServedConnection {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let continueLine = ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n")
    static let lastChunk = ByteBuffer(staticString: "0\r\n\r\n")
    /// Bytes of pipelined requests kept before reading stops.
    private static let waitingLimit = 64 << 10
    /// Requests that are read behind each other before other connections of the loop have their turn, and how long
    /// that is: a loop looks at its sockets once no task is due.
    static let requestsPerTurn = 64
    static let otherTurns = TimeAmount.microseconds(100)
    /// Heads above this size are counted as held while their requests are open.
    static let smallHead = 4 << 10
    /// How long an answered but still sending client is listened to before its connection is closed.
    private static let lingerTimeout = TimeAmount.seconds(2)

    /// How long an idle connection is kept when the server stops.
    static let drainGrace = TimeAmount.milliseconds(500)

    private var context: ChannelHandlerContext?
    private var isFlushPending = false
    private let application: any HTTPApplication
    private let configuration: HTTPServerConfiguration
    private let registry: ConnectionRegistry
    private let facts: ConnectionFacts
    private var exchange: HTTPExchange?
    private var parser: HTTPRequestParser
    private var isParsing = false
    private var readingPaused = false
    private var requestsThisTurn = 0
    private var waitsForTurn = false
    /// Whether the client ended its side while requests of it wait for their turn: they are answered first.
    private var inputEnded = false
    /// Bytes counted as held for this client: of requests that wait, and of answers that it does not take.
    private var heldInput = HeldBytes()
    private var heldOutput = HeldBytes()
    /// Whether something was written since the last look at the clock.
    private var hasWritten = false
    /// Nothing more is read as a request: the connection closes, or what came last could not be understood.
    private var stopsReading = false
    private var lingering = false
    /// Closes when all is written.
    private var isClosing = false
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
        parser = HTTPRequestParser(
            maximumHeadBytes: configuration.maximumHeaderBytes,
            maximumFields: configuration.maximumHeaderCount
        )
    }

    // MARK: - Channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        deadline = .now() + configuration.headerTimeout
        registry.add(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        registry.remove(self)
        heldInput.become(0, for: facts)
        heldOutput.become(0, for: facts)
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        registry.remove(self)
        stopsReading = true
        parser = HTTPRequestParser(maximumHeadBytes: 0)
        heldInput.become(0, for: facts)
        heldOutput.become(0, for: facts)
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
        if let exchange {
            exchange.delegate?.writabilityChanged(exchange, isWritable: context.channel.isWritable)
        } else if context.channel.isWritable {
            parse()
            resumeReading()
        }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if stopsReading { return }
        parser.append(unwrapInboundIn(data))
        parse()
        if !readingPaused, parser.bufferedBytes > Self.waitingLimit, !mayReadOn { pauseReading(true) }
    }

    /// Whether the next bytes may be looked at: the rest of a request, or the next one of a client that takes its answers.
    private var mayReadOn: Bool {
        guard let exchange else { return isWritable && requestsThisTurn < Self.requestsPerTurn }
        switch exchange.bodyState {
        case .arriving: return !exchange.isBodyPaused
        // Nobody holds back what is dropped.
        case .discarding: return true
        case .complete: return false
        }
    }

    /// An answer given at once leaves before the client's end of the connection can be read, which closes it.
    func channelReadComplete(context: ChannelHandlerContext) {
        flushIfPending()
        if !waitsForTurn { requestsThisTurn = 0 }
        context.fireChannelReadComplete()
    }

    /// Reads requests as far as the bytes go and the exchange before is over.
    private func parse() {
        // An answer given at once ends its exchange in here: the loop below goes on, not a nested one.
        guard !isParsing else { return }
        isParsing = true
        defer {
            isParsing = false
            if parser.bufferedBytes > 0 || heldInput.count > 0 { countInput() }
        }
        do {
            while !stopsReading, context != nil, mayReadOn, let event = try parser.next() {
                switch event {
                case .head(let head): receiveHead(head)
                case .body(let bytes): receiveBody(bytes)
                case .end: receiveEnd()
                }
            }
        } catch {
            parsingFailed(error)
        }
        if exchange == nil, requestsThisTurn >= Self.requestsPerTurn { waitForTurn() }
    }

    /// Goes on reading when other connections have been looked at.
    private func waitForTurn() {
        guard !waitsForTurn, !stopsReading, let context else { return }
        waitsForTurn = true
        keepsOpen(true)
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: Self.otherTurns) { bound.value.takeTurn() }
    }

    private func takeTurn() {
        waitsForTurn = false
        requestsThisTurn = 0
        parse()
        resumeReading()
        guard !waitsForTurn else { return }
        keepsOpen(false)
        // Elsewhere, the end of the client's side ends the connection.
        guard inputEnded else { return }
        if exchange == nil { close() } else { closeNow() }
    }

    /// Whether the end of the client's side leaves the connection open.
    private func keepsOpen(_ keepsOpen: Bool) {
        try? context?.channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: keepsOpen)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(.inputClosed) = event as? ChannelEvent {
            inputEnded = true
            if !waitsForTurn { closeNow() }
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// The bytes after the last event are no HTTP: refuse the request they belong to, and hear nothing more.
    private func parsingFailed(_ failure: HTTPRequestParser.Failure) {
        stopsReading = true
        if failure != .unknownMethod {
            facts.listener.counters.count(facts.listener.counters.malformedRequests)
        }
        if let exchange {
            // The answer to a body that was not wanted is on its way, or written.
            guard exchange.isOpen else { return linger() }
            guard !exchange.hasStarted else { return closeNow() }
            exchange.bodyState = .discarding
            return reject(exchange, .malformed)
        }
        let exchange = makeExchange(RequestHead(HTTPRequestHead(version: .http1_1, method: .GET, uri: "/")))
        exchange.bodyState = .discarding
        switch failure {
        case .headTooLarge: reject(exchange, .headersTooLarge(limit: configuration.maximumHeaderBytes))
        case .tooManyFields: reject(exchange, .tooManyHeaders(limit: configuration.maximumHeaderCount))
        case .repeatedAuthorization: reject(exchange, .repeatedAuthorization)
        case .unknownMethod: reject(exchange, .unknownMethod)
        case .malformed: reject(exchange, .malformed)
        }
    }

    // MARK: - Memory

    /// Counts what has arrived and waits: an unfinished head, or requests behind one that is being answered.
    private func countInput() {
        // Bytes that wait behind a request are bounded, and the request's answer must not be disturbed.
        guard exchange == nil else { return heldInput.become(parser.bufferedBytes, for: facts) }
        guard !heldInput.mayBecome(parser.bufferedBytes, for: facts) else { return }
        stopsReading = true
        parser = HTTPRequestParser(maximumHeadBytes: 0)
        heldInput.become(0, for: facts)
        let exchange = makeExchange(RequestHead(HTTPRequestHead(version: .http1_1, method: .GET, uri: "/")))
        exchange.bodyState = .discarding
        reject(exchange, .tooMuchMemory)
    }

    /// Counts what was written and the client does not take.
    private func countOutput() {
        guard let context else { return }
        heldOutput.become(WriteStallWatch.pendingBytes(of: context.channel), for: facts)
    }

    private func pauseReading(_ paused: Bool) {
        readingPaused = paused
        context?.channel.setOption(.autoRead, value: !paused).whenComplete { _ in }
    }

    private func resumeReading() {
        if readingPaused, parser.bufferedBytes <= Self.waitingLimit { pauseReading(false) }
    }

    // MARK: - Requests

    private func makeExchange(_ head: RequestHead) -> HTTPExchange {
        // A handler without a context gets no parts; the embedded loop stands in to keep this total.
        let loop: any EventLoop = context?.eventLoop ?? registry.eventLoop
        let exchange = HTTPExchange(
            head: head,
            facts: facts,
            connection: self,
            bodyLimit: configuration.maximumBodyBytes,
            eventLoop: loop
        )
        if isDraining { exchange.closes = true }
        self.exchange = exchange
        return exchange
    }

    private func receiveHead(_ received: RequestHead) {
        requestsThisTurn += 1
        var head = received
        var rejection = facts.isOverLimit ? HTTPRejection.tooManyConnections : nil
        if head.uri.utf8.first != UInt8(ascii: "/") {
            if let path = RequestTarget.path(of: head) {
                head.uri = path
            } else {
                facts.listener.counters.count(facts.listener.counters.malformedRequests)
                rejection = .malformed
            }
        }
        let exchange = makeExchange(head)
        let size = head.headers.byteCount
        if size > Self.smallHead, !exchange.hold(size), rejection == nil { rejection = .tooMuchMemory }
        if let rejection {
            // The following bytes may be a body, or a request that only looks like one.
            stopsReading = true
            exchange.bodyState = .discarding
            return reject(exchange, rejection)
        }
        deadline = exchange.started + configuration.bodyIdleTimeout
        bodyDeadline = exchange.started + configuration.bodyTimeout
        let closes = exchange.closes
        let length = head.contentLength ?? 0
        // An answer that needs no body does not wait for the end of a large one.
        if length > configuration.maximumBodyBytes { exchange.closes = true }
        application.receive(exchange)
        guard !exchange.hasStarted, self.exchange === exchange else {
            if exchange.bodyState == .arriving { exchange.bodyState = .discarding }
            return
        }
        guard length <= exchange.bodyLimit else {
            stopsReading = true
            exchange.bodyState = .discarding
            return reject(exchange, .bodyTooLarge(limit: exchange.bodyLimit))
        }
        exchange.closes = closes
        if exchange.streamsBody { bodyDeadline = exchange.started + configuration.streamedBodyTimeout }
        if head.expectsContinue {
            write(Self.continueLine)
            flush()
        }
    }

    private func receiveBody(_ bytes: ByteBuffer) {
        guard let exchange, exchange.bodyState == .arriving else { return }
        // A body that comes whole needs no time limit.
        if bytes.readableBytes != exchange.head.contentLength { deadline = .now() + configuration.bodyIdleTimeout }
        if exchange.streamsBody {
            if !exchange.pass(bytes) { rejectBody(of: exchange, .bodyTooLarge(limit: exchange.bodyLimit)) }
            return
        }
        guard exchange.body.readableBytes + bytes.readableBytes <= exchange.bodyLimit else {
            return rejectBody(of: exchange, .bodyTooLarge(limit: exchange.bodyLimit))
        }
        guard exchange.hold(bytes.readableBytes) else { return rejectBody(of: exchange, .tooMuchMemory) }
        if exchange.body.readableBytes == 0, bytes.readableBytes == exchange.head.contentLength {
            exchange.body = bytes
        } else {
            exchange.appendBody(bytes)
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

    private func rejectBody(of exchange: HTTPExchange, _ reason: HTTPRejection) {
        exchange.bodyState = .discarding
        exchange.body = ByteBuffer()
        exchange.releaseAll()
        stopsReading = true
        reject(exchange, reason)
    }

    /// A client whose bytes are not wanted for now is not slow.
    func bodyWasPaused(of paused: HTTPExchange) {
        guard paused === exchange, paused.bodyState == .arriving else { return }
        deadline = paused.isBodyPaused ? .distantFuture : .now() + configuration.bodyIdleTimeout
        guard !paused.isBodyPaused else { return }
        parse()
        resumeReading()
    }

    private func reject(_ exchange: HTTPExchange, _ reason: HTTPRejection) {
        exchange.closes = true
        application.reject(exchange, reason: reason)
    }

    // MARK: - Answers

    var isWritable: Bool { context?.channel.isWritable ?? false }

    func write(_ bytes: ByteBuffer) {
        hasWritten = true
        context?.write(wrapOutboundOut(bytes), promise: nil)
    }

    /// Sends what was written; a piece of a stream waits for nothing.
    func flush() {
        isFlushPending = false
        context?.flush()
        // Bytes that a channel holds before it is full are counted once a second.
        if heldOutput.count > 0 || !isWritable { countOutput() }
    }

    /// Sends what was written together with what else is written in this turn of the loop.
    func flushLater() {
        guard !isFlushPending else { return }
        isFlushPending = true
        registry.flushLater(self)
    }

    func flushIfPending() {
        if isFlushPending { flush() }
    }

    func flushed() -> EventLoopFuture<Void> {
        guard let context else { return registry.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel) }
        return context.writeAndFlush(wrapOutboundOut(ByteBuffer()))
    }

    func closeNow() {
        // Bytes behind a request that ends the connection are dropped.
        stopsReading = true
        // Answers of this turn to requests before this one were complete.
        flushIfPending()
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
            guard ended.isBodyPaused else { return }
            deadline = .now() + configuration.bodyIdleTimeout
            parse()
            resumeReading()
        }
    }

    /// Answers with this head and gives the connection away: `configure` adds the handlers that get what follows.
    func upgrade<Upgraded>(
        head: ByteBuffer,
        configure: (any Channel) throws -> Upgraded
    ) throws -> Upgraded {
        guard let context else { throw ChannelError.ioOnClosedChannel }
        stopsReading = true
        exchange = nil
        write(head)
        flush()
        let pipeline = context.pipeline.syncOperations
        try pipeline.addHandler(UpgradedConnectionHandler(registry: registry), position: .after(self))
        let upgraded = try configure(context.channel)
        // The peer may have sent on without waiting for the answer.
        let rest = parser.takeRest()
        if rest.readableBytes > 0 {
            context.fireChannelRead(wrapInboundOut(rest))
            context.fireChannelReadComplete()
        }
        resumeReading()
        pipeline.removeHandler(context: context, promise: nil)
        return upgraded
    }

    private func nextExchange() {
        exchange = nil
        if isDraining { return close() }
        deadline = .now() + configuration.keepAliveTimeout
        parse()
        resumeReading()
    }

    /// Closes when all that was written has left.
    private func close() {
        guard let context, !isClosing else { return }
        flushIfPending()
        stopsReading = true
        isClosing = true
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
        flushIfPending()
        stopsReading = true
        lingering = true
        deadline = .now() + Self.lingerTimeout
        bodyDeadline = .distantFuture
        context?.close(mode: .output, promise: nil)
    }

    // MARK: - Time and life-cycle

    func tick(now: NIODeadline) {
        guard let context else { return }
        if hasWritten || heldOutput.count > 0 {
            hasWritten = false
            countOutput()
        }
        let timeout = configuration.writeStallTimeout
        if stall.isStalled(on: context.channel, always: isClosing, now: now, timeout: timeout) {
            facts.listener.counters.count(facts.listener.counters.stalledConnections)
            return closeNow()
        }
        guard now >= deadline || now >= bodyDeadline else { return }
        // A client that is still taking its last answer is not idle; the watch above ends one that takes nothing.
        if exchange == nil, !isClosing, !lingering, !context.channel.isWritable {
            deadline = now + configuration.keepAliveTimeout
            return
        }
        if let exchange, exchange.isOpen, !exchange.hasStarted, exchange.bodyState == .arriving, !lingering {
            exchange.bodyState = .discarding
            exchange.releaseAll()
            deadline = .distantFuture
            bodyDeadline = .distantFuture
            stopsReading = true
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
