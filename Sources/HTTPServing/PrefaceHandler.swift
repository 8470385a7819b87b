import NIOCore

/// Tells HTTP/2 by prior knowledge from HTTP/1 by the first bytes, sets up the one that it is, and leaves the pipeline.
final class PrefaceHandler: ChannelInboundHandler, RemovableChannelHandler, ServedConnection {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    private let registry: ConnectionRegistry
    private var deadline: NIODeadline
    /// Given whether the client speaks HTTP/2.
    private let proceed: (Bool, ChannelHandlerContext) throws -> Void
    private var context: ChannelHandlerContext?
    private var received = ByteBuffer()

    init(
        registry: ConnectionRegistry,
        timeout: TimeAmount,
        proceed: @escaping (Bool, ChannelHandlerContext) throws -> Void
    ) {
        self.registry = registry
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
        let view = received.readableBytesView
        let isPreface = view.prefix(Self.preface.count).elementsEqual(Self.preface.prefix(view.count))
        if isPreface, view.count < Self.preface.count { return }
        registry.remove(self)
        do {
            try proceed(isPreface, context)
            context.fireChannelRead(wrapInboundOut(received))
            context.fireChannelReadComplete()
            context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        } catch {
            context.close(promise: nil)
        }
    }

    func tick(now: NIODeadline) {
        if now >= deadline { closeNow() }
    }

    func drain() {
        deadline = min(deadline, .now() + ClientConnectionHandler.drainGrace)
    }

    func closeNow() {
        context?.close(promise: nil)
    }
}
