import NIOCore
import NIOPosix
import Synchronization

/// An upstream that answers each request with bytes of the test's, whether they are HTTP or not.
final class RawUpstream: Sendable {
    private let answer: @Sendable (Int) -> String
    private let count = Atomic<Int>(0)

    /// `answer` gets the number of the request, from 1.
    init(_ answer: @escaping @Sendable (Int) -> String) {
        self.answer = answer
    }

    /// Listens for the time of `body`, which is given the port.
    func run<Result>(_ body: (Int) async throws -> Result) async throws -> Result {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { [self] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(RawUpstreamHandler(self))
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

    fileprivate func next() -> String {
        answer(count.add(1, ordering: .sequentiallyConsistent).newValue)
    }
}

/// Answers as soon as a read ends with a small request's body.
private final class RawUpstreamHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let upstream: RawUpstream
    private var seen = ""

    init(_ upstream: RawUpstream) {
        self.upstream = upstream
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        seen += String(buffer: unwrapInboundIn(data))
        guard seen.hasSuffix("}") else { return }
        seen = ""
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: upstream.next())), promise: nil)
    }
}
