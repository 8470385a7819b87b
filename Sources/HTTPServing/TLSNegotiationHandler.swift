import NIOCore
import NIOSSL
import NIOTLS

/// Waits behind TLS for the end of the handshake, sets up the protocol that was agreed, and leaves the pipeline.
final class TLSNegotiationHandler: ChannelInboundHandler, RemovableChannelHandler, ServedConnection {
    typealias InboundIn = ByteBuffer

    private let registry: ConnectionRegistry
    private let counters: ServerCounters
    private var deadline: NIODeadline
    /// Given the agreed protocol, nil where the client did not ask for any.
    private let proceed: (String?, ChannelHandlerContext) throws -> Void
    private var context: ChannelHandlerContext?
    private var isOver = false

    init(
        registry: ConnectionRegistry,
        counters: ServerCounters,
        timeout: TimeAmount,
        proceed: @escaping (String?, ChannelHandlerContext) throws -> Void
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

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .handshakeCompleted(let negotiated)? = event as? TLSUserEvent, !isOver else {
            return context.fireUserInboundEventTriggered(event)
        }
        isOver = true
        registry.remove(self)
        do {
            try proceed(negotiated, context)
            context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        } catch {
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failed()
    }

    private func failed() {
        guard !isOver else { return }
        isOver = true
        counters.count(counters.tlsHandshakeFailures)
        closeNow()
    }

    func tick(now: NIODeadline) {
        if now >= deadline { failed() }
    }

    func drain() {
        deadline = min(deadline, .now() + ClientConnectionHandler.drainGrace)
    }

    func closeNow() {
        // TLS would wait for the peer's close_notify, which one that did not shake hands does not send.
        context?.channel.close(promise: nil)
    }
}
