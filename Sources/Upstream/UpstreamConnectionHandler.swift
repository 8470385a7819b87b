import NIOCore
import NIOSSL

/// One connection to upstream: carries one call at a time.
final class UpstreamConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private unowned let pool: UpstreamPool
    private var context: ChannelHandlerContext?
    private var call: UpstreamCall?
    private var parser = HTTPResponseParser()
    private var served = 0
    private var hasBytesOfAnswer = false
    private var isPaused = false
    private var failure: (any Error)?
    /// When it was last put back; the pool closes those unused for long.
    var idleSince = NIODeadline.now()

    init(pool: UpstreamPool) {
        self.pool = pool
    }

    var isActive: Bool { context?.channel.isActive ?? false }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func send(_ call: UpstreamCall) {
        guard let context else { return call.fail(UpstreamError(.connectionClosed)) }
        self.call = call
        call.attach(self)
        hasBytesOfAnswer = false
        parser.reset()
        guard call.request.body.readableBytes > 0 else {
            return context.writeAndFlush(wrapOutboundOut(call.request.head), promise: nil)
        }
        context.write(wrapOutboundOut(call.request.head), promise: nil)
        context.writeAndFlush(wrapOutboundOut(call.request.body), promise: nil)
    }

    /// The call was cancelled: an answer may be on its way, so the connection cannot be used again.
    func abandon() {
        call = nil
        close()
    }

    func close() {
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
        guard let call else {
            // Nobody asked: the connection is out of step.
            return close()
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
            call.receiver?.upstreamBody(bytes)
        case .end(let reusable):
            self.call = nil
            served += 1
            if reusable, context?.channel.isActive == true {
                if isPaused { pauseReading(false) }
                pool.putBack(self)
            } else {
                close()
            }
            call.end()
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        call?.receiver?.upstreamReadComplete()
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if failure == nil { failure = error }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        pool.closed(self)
        if let call {
            self.call = nil
            ended(call)
        }
        context.fireChannelInactive()
    }

    private func ended(_ call: UpstreamCall) {
        if !hasBytesOfAnswer, served > 0, !call.wasRetried {
            // Upstream closed a pooled connection just when it was used: the request was not read.
            call.wasRetried = true
            call.attach(nil)
            return pool.enqueue(call)
        }
        do {
            if case .end = try parser.finish() { return call.end() }
            let isTLS = failure is NIOSSLError && served == 0
            call.fail(
                UpstreamError(
                    isTLS ? .unreachable : .connectionClosed,
                    detail: failure.map { "\($0)" } ?? "before the answer"
                )
            )
        } catch {
            call.fail(failure.map { UpstreamError(.connectionClosed, detail: "\($0)") } ?? error)
        }
    }
}
