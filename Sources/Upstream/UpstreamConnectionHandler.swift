import NIOCore
import NIOSSL
import NIOTLS

/// One connection to upstream: carries one call at a time.
final class UpstreamConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Opening {
        case underWay, done, failed
    }

    private var call: UpstreamCall?
    private var hasBytesOfAnswer = false
    private var parser = HTTPResponseParser()
    private let pool: UpstreamPool
    /// When it takes no further call.
    let retirement: NIODeadline
    private var opening = Opening.underWay
    private var openingTimeout: Scheduled<Void>?
    private var context: ChannelHandlerContext?
    private var served = 0
    private var isPaused = false
    /// Its call is over and nothing stands behind the answer so far; it is put back at the end of the read.
    private var isFree = false
    /// Whether the call has left; what comes before is no answer to it.
    private var isFlushed = true
    /// Closed by us: with TLS the channel stays active until the other side agrees.
    private var isClosing = false
    private var failure: (any Error)?
    /// Until when the rest of an answer is read that nobody wants; nil where there is no such answer.
    private var drainDeadline: NIODeadline?
    private var drainedBytes = 0
    /// When it was last put back; the pool closes those unused for long.
    var idleSince = NIODeadline.now()

    init(pool: UpstreamPool, retirement: NIODeadline) {
        self.pool = pool
        self.retirement = retirement
    }

    var isActive: Bool { !isClosing && context?.channel.isActive ?? false }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        // Given up while TCP was connecting.
        if opening == .failed { context.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    // MARK: - Opening

    /// Bounds what follows the TCP connection: the proxy's tunnel and TLS.
    func limitOpening(to timeout: TimeAmount, on eventLoop: any EventLoop) {
        openingTimeout = eventLoop.assumeIsolated().scheduleTask(in: timeout) { [self] in
            failOpening(UpstreamError(.connectTimeout, detail: "tunnel or TLS", isSafeToRepeat: true))
        }
    }

    /// The connection can carry calls.
    func opened() {
        guard opening == .underWay else { return }
        opening = .done
        openingTimeout?.cancel()
        openingTimeout = nil
        pool.opened(self)
    }

    /// The connection cannot be used; no call was sent on it.
    func failOpening(_ error: UpstreamError) {
        guard opening == .underWay else { return }
        opening = .failed
        openingTimeout?.cancel()
        openingTimeout = nil
        close()
        pool.failedToOpen(error)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? TLSUserEvent, case .handshakeCompleted = event { opened() }
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: - Calls

    func send(_ call: UpstreamCall) {
        guard let context else { return call.fail(UpstreamError(.connectionClosed)) }
        self.call = call
        call.attach(self, isUsed: served > 0)
        hasBytesOfAnswer = false
        parser.reset()
        let isUrgent = call.request.isUrgent || call.streamsBody
        isFlushed = isUrgent
        context.write(wrapOutboundOut(call.request.head), promise: nil)
        if call.request.body.readableBytes > 0 {
            call.isSent = false
            context.write(wrapOutboundOut(call.request.body)).assumeIsolated().whenSuccess { call.isSent = true }
        }
        if isUrgent { context.flush() } else { pool.flushLater(self) }
        if call.streamsBody {
            call.isSent = false
            call.receiver?.upstreamTakesBody(context.channel.isWritable)
        }
    }

    /// Sends a piece of a body.
    func write(_ bytes: ByteBuffer) { context?.write(wrapOutboundOut(bytes), promise: nil) }

    /// Sends the last bytes of a body.
    func write(_ bytes: ByteBuffer, of call: UpstreamCall) {
        context?.writeAndFlush(wrapOutboundOut(bytes)).assumeIsolated().whenSuccess { call.isSent = true }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if let call, call.streamsBody { call.receiver?.upstreamTakesBody(context.channel.isWritable) }
        context.fireChannelWritabilityChanged()
    }

    func flush() {
        isFlushed = true
        context?.flush()
    }

    /// The call was cancelled: an answer may be on its way, so the connection cannot be used again.
    func abandon() {
        call = nil
        drainDeadline = nil
        close()
    }

    /// How much of the rest of an answer is read that nobody wants.
    private static let drainLimit = 64 << 10

    /// Reads on without anybody who listens.
    func drain() {
        pauseReading(false)
        drainedBytes = 0
        drainDeadline = .now() + pool.configuration.drainTimeout
        pool.drains(self)
    }

    /// Whether nothing is read in vain any more; an answer that does not end is given up.
    func hasDrained(now: NIODeadline) -> Bool {
        guard let drainDeadline else { return true }
        guard now >= drainDeadline else { return false }
        abandon()
        return true
    }

    func close() {
        isClosing = true
        context?.close(promise: nil)
    }

    func pauseReading(_ paused: Bool) {
        guard paused != isPaused, let context else { return }
        isPaused = paused
        try? context.channel.syncOptions?.setOption(.autoRead, value: !paused)
    }

    // MARK: - Channel

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        guard let call, !isClosing else {
            // Nobody asked: the connection is out of step.
            return discard()
        }
        guard isFlushed else {
            // Nobody has asked yet: these bytes belong to an earlier answer.
            self.call = nil
            discard()
            return repeatUnread(call)
        }
        hasBytesOfAnswer = true
        parser.append(bytes)
        do {
            while self.call === call, let event = try parser.next() { handle(event, of: call) }
        } catch {
            self.call = nil
            close()
            call.fail(error)
        }
    }

    private func handle(_ event: HTTPResponseParser.Event, of call: UpstreamCall) {
        switch event {
        case .head(let head):
            call.receiver?.upstreamHead(head)
        case .body(let bytes):
            guard let receiver = call.receiver else {
                drainedBytes += bytes.readableBytes
                if drainedBytes > Self.drainLimit { abandon() }
                return
            }
            receiver.upstreamBody(bytes)
        case .end(let reusable):
            self.call = nil
            drainDeadline = nil
            served += 1
            // A byte behind the answer would be taken for the beginning of the next, and so on for everybody after it.
            if reusable, call.isSent, !parser.hasUnreadBytes, isActive {
                if isPaused { pauseReading(false) }
                isFree = true
            } else {
                close()
            }
            call.end()
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        call?.receiver?.upstreamReadComplete()
        if isFree {
            isFree = false
            pool.putBack(self)
        }
        context.fireChannelReadComplete()
    }

    /// Closes a connection that brought unsolicited bytes; it is not used again.
    private func discard() {
        guard !isClosing else { return }
        isFree = false
        pool.withdraw(self)
        close()
    }

    /// Sends a call elsewhere that upstream has not read.
    private func repeatUnread(_ call: UpstreamCall) {
        guard !call.wasRetried else {
            return call.fail(UpstreamError(.connectionClosed, detail: "bytes before the call", isSafeToRepeat: true))
        }
        call.wasRetried = true
        call.attach(nil)
        pool.resend(call)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if failure == nil { failure = error }
        close()
    }

    func channelInactive(context: ChannelHandlerContext) {
        if opening == .done {
            pool.closed(self)
        } else {
            failOpening(UpstreamError(opening: failure))
        }
        if let call {
            self.call = nil
            ended(call)
        }
        context.fireChannelInactive()
    }

    private func ended(_ call: UpstreamCall) {
        if !hasBytesOfAnswer, served > 0, !call.wasRetried {
            // Upstream closed a pooled connection just when it was used: the request was not read.
            return repeatUnread(call)
        }
        do {
            if case .end = try parser.finish() { return call.end() }
            call.fail(
                UpstreamError(
                    .connectionClosed,
                    detail: failure.map { "\($0)" } ?? "before the answer",
                    // Upstream cannot have run a request that it did not get entirely.
                    isSafeToRepeat: !call.isSent && !hasBytesOfAnswer
                )
            )
        } catch {
            call.fail(failure.map { UpstreamError(.connectionClosed, detail: "\($0)") } ?? error)
        }
    }
}
