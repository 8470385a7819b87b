import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

/// A server that accepts callers with a key, and does what their texts say.
enum WebSocketServer {
    /// Listens for the time of `body`, which is given the port.
    static func run<Result>(_ body: (Int) async throws -> Result) async throws -> Result {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let upgrader = NIOWebSocketServerUpgrader(
                        maxFrameSize: 1 << 20,
                        shouldUpgrade: { channel, head in
                            let isKnown =
                                head.headers["authorization"] == ["Bearer sk-test"] && head.uri == "/socket?a=b"
                            return channel.eventLoop.makeSucceededFuture(isKnown ? [:] : nil)
                        },
                        upgradePipelineHandler: { channel, _ in
                            channel.eventLoop.makeCompletedFuture {
                                try channel.pipeline.syncOperations.addHandler(ScriptHandler())
                            }
                        }
                    )
                    let pipeline = channel.pipeline.syncOperations
                    let refusal = RefusalHandler()
                    try pipeline.configureHTTPServerPipeline(
                        withServerUpgrade: (
                            upgraders: [upgrader],
                            completionHandler: {
                                $0.pipeline.syncOperations.removeHandler(name: "refusal", promise: nil)
                            }
                        )
                    )
                    try pipeline.addHandler(refusal, name: "refusal")
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await body(channel.localAddress?.port ?? 0)) } catch { result = .failure(error) }
        try await channel.close()
        return try result.get()
    }
}

private final class RefusalHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .end = unwrapInboundIn(data) else { return }
        let body = ByteBuffer(string: "{\"code\":\"InvalidApiKey\"}")
        let head = HTTPResponseHead(
            version: .http1_1,
            status: .unauthorized,
            headers: ["Content-Length": "\(body.readableBytes)", "x-request-id": "r-1"]
        )
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}

/// Echoes texts, but for those that ask for something else.
private final class ScriptHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        func send(_ opcode: WebSocketOpcode, _ bytes: ByteBuffer, fin: Bool = true) {
            context.writeAndFlush(wrapOutboundOut(WebSocketFrame(fin: fin, opcode: opcode, data: bytes)), promise: nil)
        }
        switch frame.opcode {
        // Told as a text, so that a test sees it.
        case .pong: send(.text, ByteBuffer(string: "pong: \(String(buffer: frame.unmaskedData))"))
        case .connectionClose:
            send(.connectionClose, frame.unmaskedData)
            context.close(promise: nil)
        case .text:
            let text = String(buffer: frame.unmaskedData)
            // Bytes as they shall be on the wire, whatever they are.
            if text.hasPrefix("raw ") { return sendRaw(text.dropFirst(4), context) }
            if text.hasPrefix("binary "), let count = Int(text.dropFirst(7)) {
                return send(.binary, ByteBuffer(repeating: 7, count: count))
            }
            switch (text, frame.maskKey != nil) {
            case (_, false): send(.connectionClose, ByteBuffer(integer: UInt16(1002)))
            case ("divided", _):
                send(.binary, ByteBuffer(bytes: [1, 2]), fin: false)
                send(.ping, ByteBuffer(string: "between"))
                send(.continuation, ByteBuffer(bytes: [3]))
            case ("close", _):
                var bytes = ByteBuffer(integer: UInt16(1001))
                bytes.writeString("bye")
                send(.connectionClose, bytes)
            case ("large", _): send(.binary, ByteBuffer(repeating: 0, count: 2_000))
            case ("no text", _): send(.text, ByteBuffer(bytes: [0xFF]))
            case ("cut", _): context.close(promise: nil)
            case (let text, _): send(.text, ByteBuffer(string: text))
            }
        default: break
        }
    }

    private func sendRaw(_ hex: Substring, _ context: ChannelHandlerContext) {
        var bytes = ByteBuffer()
        var rest = hex
        while let byte = UInt8(rest.prefix(2), radix: 16) {
            bytes.writeInteger(byte)
            rest = rest.dropFirst(2)
        }
        let encoder = try? context.pipeline.syncOperations.context(handlerType: WebSocketFrameEncoder.self)
        encoder?.writeAndFlush(NIOAny(bytes), promise: nil)
    }
}
