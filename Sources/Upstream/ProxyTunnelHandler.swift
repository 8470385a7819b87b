package import NIOCore

/// Asks a proxy for a tunnel to upstream, and steps out of the way when it stands.
package final class ProxyTunnelHandler: ChannelInboundHandler, RemovableChannelHandler {
    package typealias InboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    private let proxy: UpstreamProxy
    /// `host:port` of upstream.
    private let target: String
    /// Adds what comes behind the tunnel.
    private let established: (ChannelHandlerContext) throws -> Void
    private let failed: (UpstreamError) -> Void
    private var parser = HTTPResponseParser()
    private var hasAsked = false
    private var isDone = false

    package init(
        proxy: UpstreamProxy,
        target: String,
        established: @escaping (ChannelHandlerContext) throws -> Void,
        failed: @escaping (UpstreamError) -> Void
    ) {
        self.proxy = proxy
        self.target = target
        self.established = established
        self.failed = failed
    }

    package func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { ask(context) }
    }

    package func channelActive(context: ChannelHandlerContext) {
        ask(context)
        context.fireChannelActive()
    }

    private func ask(_ context: ChannelHandlerContext) {
        guard !hasAsked else { return }
        hasAsked = true
        var head = context.channel.allocator.buffer(capacity: 256)
        head.writeString("CONNECT \(target) HTTP/1.1\r\nHost: \(target)\r\n")
        if let authorization = proxy.authorization { head.writeString("Proxy-Authorization: \(authorization)\r\n") }
        head.writeStaticString("\r\n")
        context.writeAndFlush(wrapOutboundOut(head), promise: nil)
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDone else { return context.fireChannelRead(data) }
        parser.append(unwrapInboundIn(data))
        let head: UpstreamResponseHead
        do throws(UpstreamError) {
            guard case .head(let found) = try parser.next() else { return }
            head = found
        } catch {
            isDone = true
            return failed(UpstreamError(.proxyRefused, detail: "its answer is not HTTP"))
        }
        isDone = true
        guard (200...299).contains(head.status) else { return failed(.proxyRefusal(status: head.status)) }
        // Upstream says nothing before we do.
        guard !parser.hasUnreadBytes else {
            return failed(UpstreamError(.proxyRefused, detail: "bytes behind its answer"))
        }
        do {
            try established(context)
            context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
        } catch {
            failed(UpstreamError(.unreachable, detail: "\(error)"))
        }
    }
}
