import NIOCore
import NIOPosix
import Synchronization

/// A proxy that grants or refuses tunnels, as a test says.
final class TunnelProxy: Sendable {
    /// What the first bytes of a connection are answered with.
    enum Reply: Sendable {
        /// A tunnel to the host and port that the client named.
        case tunnel
        case refusal(String)
        /// Nothing at all, as a server that hangs.
        case silence
    }

    private let reply: Reply
    private let asked = Mutex<[String]>([])

    /// The requests for tunnels, each with its header lines.
    var requests: [String] { asked.withLock { $0 } }

    init(_ reply: Reply) {
        self.reply = reply
    }

    /// Listens for the time of `body`, which is given the port.
    func run<Result>(_ body: (Int) async throws -> Result) async throws -> Result {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(TunnelProxyHandler(proxy: self))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await body(channel.localAddress?.port ?? 0))
        } catch {
            result = .failure(error)
        }
        try await channel.close()
        return try result.get()
    }

    fileprivate func answer(_ request: String) -> Reply {
        asked.withLock { $0.append(request) }
        return reply
    }
}

/// The client's side of one connection to the proxy.
private final class TunnelProxyHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let proxy: TunnelProxy
    private var head = ""
    private var early: [ByteBuffer] = []
    private var peer: (any Channel)?
    private var hasAnswered = false

    init(proxy: TunnelProxy) {
        self.proxy = proxy
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        if let peer { return peer.writeAndFlush(bytes, promise: nil) }
        if hasAnswered { return early.append(bytes) }
        head += String(buffer: bytes)
        guard head.hasSuffix("\r\n\r\n") || !head.hasPrefix("CONNECT ") else { return }
        hasAnswered = true
        switch proxy.answer(head) {
        case .silence: break
        case .refusal(let text): context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        case .tunnel: open(context)
        }
    }

    private func open(_ context: ChannelHandlerContext) {
        let target = head.split(separator: " ")[1].split(separator: ":")
        let client = context.channel
        let opened = ClientBootstrap(group: context.eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ReturningHandler(client: client))
                }
            }
            .connect(host: String(target[0]), port: Int(target[1]) ?? 0)
        opened.assumeIsolated().whenComplete { [self] result in
            switch result {
            case .success(let peer):
                self.peer = peer
                client.writeAndFlush(ByteBuffer(string: "HTTP/1.1 200 Connection established\r\n\r\n"), promise: nil)
                for bytes in early { peer.writeAndFlush(bytes, promise: nil) }
            case .failure:
                client.writeAndFlush(ByteBuffer(string: "HTTP/1.1 502 Bad Gateway\r\n\r\n"), promise: nil)
            }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        peer?.close(promise: nil)
    }
}

/// Upstream's side of a tunnel.
private final class ReturningHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let client: any Channel

    init(client: any Channel) {
        self.client = client
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        client.writeAndFlush(unwrapInboundIn(data), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        client.close(promise: nil)
    }
}
