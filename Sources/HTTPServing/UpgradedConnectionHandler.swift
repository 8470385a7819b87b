import NIOCore

/// Stands for a connection that speaks another protocol by now: the server that stops closes it.
final class UpgradedConnectionHandler: ChannelInboundHandler, ServedConnection {
    typealias InboundIn = ByteBuffer

    private let registry: ConnectionRegistry
    private var context: ChannelHandlerContext?

    init(registry: ConnectionRegistry) { self.registry = registry }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        registry.add(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        registry.remove(self)
        self.context = nil
    }

    func tick(now: NIODeadline) {}
    // Nobody here knows where a message ends.
    func drain() { closeNow() }
    func closeNow() { context?.close(promise: nil) }
}
