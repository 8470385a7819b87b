import NIOCore
import NIOPosix
import Synchronization

/// An upstream that sees the bytes of a request as they come, and answers nothing by itself.
final class FormUpstream: Sendable {
    private struct State {
        var text = ""
        var channel: (any Channel)?
        var isClosed = false
    }

    private let state = Mutex(State())

    /// What has arrived so far.
    var text: String { state.withLock { $0.text } }

    /// Whether the gateway has closed its connection.
    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Listens for the time of `body`, which is given the port.
    func run<Result>(_ body: (Int) async throws -> Result) async throws -> Result {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { [self] channel in
                state.withLock { $0.channel = channel }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Handler(self))
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

    func send(_ text: String) async throws {
        try await state.withLock { $0.channel }?.writeAndFlush(ByteBuffer(string: text))
    }

    func close() async throws { try await state.withLock { $0.channel }?.close() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let upstream: FormUpstream

        init(_ upstream: FormUpstream) {
            self.upstream = upstream
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = unwrapInboundIn(data)
            upstream.state.withLock { $0.text += String(buffer: bytes) }
        }

        func channelInactive(context: ChannelHandlerContext) {
            upstream.state.withLock { $0.isClosed = true }
        }
    }
}
