import NIOCore

/// Reads the PROXY header in front of everything else, then leaves the pipeline.
final class ProxyProtocolHandler: ChannelInboundHandler, RemovableChannelHandler, ServedConnection {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let registry: ConnectionRegistry
    private let counters: ServerCounters
    private var deadline: NIODeadline
    /// Sets up the rest of the pipeline, once it is known whom the connection serves.
    private let proceed: (ProxyProtocol.Peer, ChannelHandlerContext) throws -> Void
    private var context: ChannelHandlerContext?
    private var received = ByteBuffer()

    init(
        registry: ConnectionRegistry,
        counters: ServerCounters,
        timeout: TimeAmount,
        proceed: @escaping (ProxyProtocol.Peer, ChannelHandlerContext) throws -> Void
    ) {
        self.registry = registry
        self.counters = counters
        self.deadline = .now() + timeout
        self.proceed = proceed
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

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received.writeImmutableBuffer(unwrapInboundIn(data))
        do {
            guard let peer = try ProxyProtocol.read(from: &received) else { return }
            // The next handler counts as the connection from here on.
            registry.remove(self)
            try proceed(peer, context)
            if received.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(received)) }
            context.fireChannelReadComplete()
            context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        } catch {
            // The end of file stands for a connection that is not wanted, whatever its header.
            if error as? ChannelError != .eof { counters.count(counters.proxyProtocolErrors) }
            context.close(promise: nil)
        }
    }

    func tick(now: NIODeadline) {
        guard now >= deadline else { return }
        counters.count(counters.proxyProtocolErrors)
        closeNow()
    }

    func drain() {
        deadline = min(deadline, .now() + ClientConnectionHandler.drainGrace)
    }

    func closeNow() {
        context?.close(promise: nil)
    }
}
