import NIOCore
import NIOHTTP1
import NIOWebSocket
import Upstream

/// Sends the handshake, and reads an answer that does not accept it.
final class WebSocketHandshakeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private static let longestBody = 64 << 10

    private let connection: WebSocketConnection
    private let head: HTTPRequestHead
    private var answer: UpstreamResponseHead?
    private var body = ByteBuffer()
    private var failure: (any Error)?
    private var hasAsked = false

    init(_ connection: WebSocketConnection, head: HTTPRequestHead) {
        self.connection = connection
        self.head = head
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { ask(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        ask(context)
        context.fireChannelActive()
    }

    private func ask(_ context: ChannelHandlerContext) {
        guard !hasAsked else { return }
        hasAsked = true
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            var fields = ByteBuffer()
            for (name, value) in head.headers { fields.writeString("\(name): \(value)\r\n") }
            answer = UpstreamResponseHead(status: Int(head.status.code), fields: fields)
        case .body(let bytes):
            guard body.readableBytes + bytes.readableBytes <= Self.longestBody else { return }
            body.writeImmutableBuffer(bytes)
        case .end: refuse()
        }
    }

    private func refuse() {
        guard let answer else { return }
        self.answer = nil
        connection.fail(.refused(answer, body: body))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if failure == nil { failure = error }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if answer != nil { refuse() } else { connection.fail(.unreachable(UpstreamError(opening: failure))) }
        context.fireChannelInactive()
    }
}

/// Hands frames to the connection.
final class WebSocketFrameHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let connection: WebSocketConnection

    init(_ connection: WebSocketConnection) { self.connection = connection }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { connection.received(unwrapInboundIn(data)) }
    func channelReadComplete(context: ChannelHandlerContext) { connection.readCompleted() }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { connection.decodingFailed(error) }

    func channelInactive(context: ChannelHandlerContext) {
        connection.disconnected()
        context.fireChannelInactive()
    }
}
