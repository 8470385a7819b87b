import NIOCore
import NIOHPACK
import NIOHTTP1
import NIOHTTP2

/// One stream of an HTTP/2 connection: one exchange.
///
/// The library below keeps flow control, checks the length of the body against its header and the order of frames.
final class HTTP2StreamHandler: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame.FramePayload
    typealias OutboundOut = HTTP2Frame.FramePayload

    private let connection: HTTP2ConnectionHandler
    private var context: ChannelHandlerContext?
    private var exchange: HTTPExchange?
    private var bodyState = HTTPExchange.Body.arriving
    private var deadline = NIODeadline.distantFuture
    private var bodyDeadline = NIODeadline.distantFuture
    /// When the client last took something, while it lets an answer wait.
    private var stalledSince: NIODeadline?
    private var writable: EventLoopPromise<Void>?
    /// Bytes counted as held while the client does not take what was written.
    private var heldOutput = HeldBytes()
    /// The smallest number of bytes that counts as a full stream.
    static let fullStream = 64 << 10
    /// Whole answers from this size on are counted as held until they have left.
    private static let largeAnswer = 4 << 10

    init(connection: HTTP2ConnectionHandler) {
        self.connection = connection
    }

    private var configuration: HTTPServerConfiguration { connection.configuration }

    // MARK: - Channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if !connection.add(self) { bodyState = .discarding }
    }

    func channelActive(context: ChannelHandlerContext) {
        // One too many; nothing was done for it, so the client may send it again.
        if bodyState == .discarding { reset(.refusedStream) }
        context.fireChannelActive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        leave()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    private func leave() {
        heldOutput.become(0, for: connection.facts)
        connection.remove(self)
        writable?.fail(ChannelError.ioOnClosedChannel)
        writable = nil
        guard let exchange else { return }
        self.exchange = nil
        // The stream of an answer that is complete may close while its end is being written.
        let delegate = exchange.isOpen ? exchange.delegate : nil
        exchange.detach()
        delegate?.clientLeft(exchange)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A stream's error ends it; the channel becomes inactive by itself where the client sent a reset.
        context.close(promise: nil)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        let isWritable = context.channel.isWritable
        stalledSince = isWritable ? nil : .now()
        heldOutput.become(isWritable ? 0 : Self.fullStream, for: connection.facts)
        if isWritable {
            writable?.succeed()
            writable = nil
        }
        if let exchange { exchange.delegate?.writabilityChanged(exchange, isWritable: isWritable) }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is NIOHTTP2WindowUpdatedEvent { progressed() }
        context.fireUserInboundEventTriggered(event)
    }

    /// The client allows more bytes.
    func progressed() {
        if stalledSince != nil { stalledSince = .now() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .headers(let headers):
            if exchange == nil, bodyState == .arriving { receiveHead(headers.headers, context: context) }
            if headers.endStream { receiveEnd() }
        case .data(let data):
            if case .byteBuffer(let bytes) = data.data, bytes.readableBytes > 0 { receiveBody(bytes) }
            if data.endStream { receiveEnd() }
        case .rstStream:
            if let exchange, exchange.isOpen, !exchange.hasStarted { connection.resetWasProvoked() }
        default: break
        }
    }

    // MARK: - Request

    private func receiveHead(_ block: HPACKHeaders, context: ChannelHandlerContext) {
        if connection.isOver { return }
        let head = HTTP2Heads.request(block)
        let exchange = HTTPExchange(
            head: RequestHead(head ?? HTTPRequestHead(version: .http2, method: .GET, uri: "/")),
            facts: connection.facts,
            stream: self,
            bodyLimit: configuration.maximumBodyBytes,
            eventLoop: context.eventLoop
        )
        self.exchange = exchange
        let counters = connection.facts.listener.counters
        guard let head else {
            counters.count(counters.malformedRequests)
            return reject(.malformed)
        }
        if connection.facts.isOverLimit {
            reject(.tooManyConnections)
            // The library is in the middle of the frame that brought the head.
            let bound = NIOLoopBound(connection, eventLoop: context.eventLoop)
            return context.eventLoop.execute { bound.value.drain() }
        }
        if block.lazy.filter({ $0.name == "authorization" }).count > 1 { return reject(.repeatedAuthorization) }
        if head.headers.count > configuration.maximumHeaderCount {
            return reject(.tooManyHeaders(limit: configuration.maximumHeaderCount))
        }
        let size = exchange.head.headers.byteCount
        guard size <= ClientConnectionHandler.smallHead || exchange.hold(size) else { return reject(.tooMuchMemory) }
        deadline = exchange.started + configuration.bodyIdleTimeout
        bodyDeadline = exchange.started + configuration.bodyTimeout
        connection.application.receive(exchange)
        guard !exchange.hasStarted, self.exchange === exchange else { return }
        if let length = exchange.head.contentLength, length > exchange.bodyLimit {
            return reject(.bodyTooLarge(limit: exchange.bodyLimit))
        }
        if exchange.streamsBody { bodyDeadline = exchange.started + configuration.streamedBodyTimeout }
        if head.headers.first(name: "expect")?.lowercased() == "100-continue" {
            send(.headers(.init(headers: [":status": "100"])))
            flush()
        }
    }

    private func receiveBody(_ bytes: ByteBuffer) {
        guard let exchange, bodyState == .arriving else { return }
        if !exchange.isBodyPaused { deadline = .now() + configuration.bodyIdleTimeout }
        if exchange.streamsBody {
            if !exchange.pass(bytes) { reject(.bodyTooLarge(limit: exchange.bodyLimit)) }
            return
        }
        guard exchange.body.readableBytes + bytes.readableBytes <= exchange.bodyLimit else {
            return reject(.bodyTooLarge(limit: exchange.bodyLimit))
        }
        guard exchange.hold(bytes.readableBytes) else { return reject(.tooMuchMemory) }
        if exchange.body.readableBytes == 0, bytes.readableBytes == exchange.head.contentLength {
            exchange.body = bytes
        } else {
            exchange.appendBody(bytes)
        }
    }

    private func receiveEnd() {
        let isWanted = bodyState == .arriving
        bodyState = .complete
        deadline = .distantFuture
        bodyDeadline = .distantFuture
        guard let exchange, exchange.isOpen, isWanted else { return }
        let body = exchange.body
        exchange.body = ByteBuffer()
        exchange.bodyState = .complete
        exchange.delegate?.bodyReceived(body, of: exchange)
    }

    /// The window of a stream opens only as far as its bytes are read.
    func bodyWasPaused(of paused: HTTPExchange) {
        guard paused === exchange, bodyState == .arriving, let context else { return }
        deadline = paused.isBodyPaused ? .distantFuture : .now() + configuration.bodyIdleTimeout
        context.channel.setOption(.autoRead, value: !paused.isBodyPaused).whenComplete { _ in }
        if !paused.isBodyPaused { context.read() }
    }

    private func reject(_ reason: HTTPRejection) {
        guard let exchange else { return }
        bodyState = .discarding
        exchange.bodyState = .discarding
        exchange.body = ByteBuffer()
        exchange.releaseAll()
        deadline = .distantFuture
        bodyDeadline = .distantFuture
        connection.application.reject(exchange, reason: reason)
    }

    // MARK: - Answer

    var isWritable: Bool { context?.channel.isWritable ?? false }

    private func send(_ payload: HTTP2Frame.FramePayload) {
        context?.write(wrapOutboundOut(payload), promise: nil)
    }

    func respond(status: Int, headers: ByteBuffer, body: ByteBuffer, isShared: Bool, isHead: Bool) {
        let block = HTTP2Heads.response(
            status: status,
            lines: headers,
            contentLength: status == 204 ? nil : body.readableBytes
        )
        let isEmpty = isHead || body.readableBytes == 0
        send(.headers(.init(headers: block, endStream: isEmpty)))
        if !isEmpty {
            let promise = isShared || body.readableBytes < Self.largeAnswer ? nil : heldUntilSent(body.readableBytes)
            let payload = HTTP2Frame.FramePayload.data(.init(data: .byteBuffer(body), endStream: true))
            if let context { context.write(wrapOutboundOut(payload), promise: promise) } else { promise?.succeed() }
        }
        flush()
    }

    /// Counts bytes as held until the promise is kept or broken.
    private func heldUntilSent(_ count: Int) -> EventLoopPromise<Void> {
        let memory = connection.facts.listener.counters.memory
        let peer = connection.facts.peer
        memory.force(count, for: peer)
        let promise = connection.eventLoop.makePromise(of: Void.self)
        promise.futureResult.whenComplete { _ in memory.giveBack(count, of: peer) }
        return promise
    }

    func start(status: Int, headers: ByteBuffer, length: Int?) {
        let block = HTTP2Heads.response(status: status, lines: headers, contentLength: length)
        send(.headers(.init(headers: block)))
    }

    func write(_ bytes: ByteBuffer) {
        send(.data(.init(data: .byteBuffer(bytes))))
    }

    func finish() {
        send(.data(.init(data: .byteBuffer(ByteBuffer()), endStream: true)))
        flush()
    }

    func flush() {
        context?.flush()
    }

    /// Completes when the client can take more.
    func flushed() -> EventLoopFuture<Void> {
        guard let context else { return connection.eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel) }
        context.flush()
        if context.channel.isWritable { return context.eventLoop.makeSucceededVoidFuture() }
        let promise = writable ?? context.eventLoop.makePromise(of: Void.self)
        writable = promise
        return promise.futureResult
    }

    func abort() {
        reset(.internalError)
    }

    private func reset(_ code: HTTP2ErrorCode) {
        guard let context else { return }
        exchange = nil
        context.writeAndFlush(wrapOutboundOut(.rstStream(code)), promise: nil)
    }

    /// The answer is written; a client that is still sending its body is told to stop.
    func exchangeEnded(_ ended: HTTPExchange) {
        guard ended === exchange else { return }
        exchange = nil
        connection.requestWasAnswered()
        guard bodyState != .complete, let context else { return }
        bodyState = .discarding
        // The reset must come after the answer, and after the caller: a head may end the stream in the same frame.
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.execute {
            let stream = bound.value
            if stream.bodyState != .complete, let context = stream.context, context.channel.isActive {
                stream.reset(.noError)
            }
        }
    }

    // MARK: - Time

    /// Called about once a second.
    func tick(now: NIODeadline) {
        if let stalledSince, now - stalledSince >= configuration.writeStallTimeout {
            let counters = connection.facts.listener.counters
            counters.count(counters.stalledConnections)
            return closeNow()
        }
        guard now >= deadline || now >= bodyDeadline else { return }
        deadline = .distantFuture
        bodyDeadline = .distantFuture
        if let exchange, exchange.isOpen, !exchange.hasStarted, bodyState == .arriving {
            reject(.bodyTimeout)
        } else {
            closeNow()
        }
    }

    /// Ends the stream; its exchange learns that the client is gone.
    private func closeNow() {
        context?.close(promise: nil)
    }
}
