import NIOCore

/// Refuses TLS clients that ask for protocols of which none is spoken here, before their handshake.
///
/// The library below would go on without a protocol, and a client could be made to take one for another
/// (RFC 7301, section 3.2).
final class ClientHelloHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// A fatal alert, `no_application_protocol`.
    private static let alert = ByteBuffer(bytes: [0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x78])

    private let protocols: [String]
    private var received = ByteBuffer()
    private var isRefused = false

    init(protocols: [String]) {
        self.protocols = protocols
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isRefused { return }
        received.writeImmutableBuffer(unwrapInboundIn(data))
        switch ClientHello.protocols(in: received) {
        case .incomplete: return
        case .nothing: break
        case .offered(let names):
            guard names.contains(where: protocols.contains) else { return refuse(context) }
        }
        context.fireChannelRead(wrapInboundOut(received))
        context.fireChannelReadComplete()
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }

    private func refuse(_ context: ChannelHandlerContext) {
        isRefused = true
        received = ByteBuffer()
        // Closed from here and not from the channel's end: TLS would wait for the peer's close_notify. The handshake that was
        // begun fails with the connection, and is counted there.
        context.writeAndFlush(wrapOutboundOut(Self.alert), promise: nil)
        context.close(promise: nil)
    }
}

/// The protocols that a TLS client offers in its first message (RFC 8446, section 4.1.2; RFC 7301).
enum ClientHello {
    enum Protocols: Equatable {
        /// More bytes are needed.
        case incomplete
        /// It offers none, or is no greeting that can be read: the library's to judge.
        case nothing
        case offered([String])
    }

    private static let handshakeRecord: UInt8 = 22
    private static let clientHello: UInt8 = 1
    private static let protocolNegotiation: UInt16 = 16
    /// Longer greetings are not waited for.
    private static let maximumLength = 16 << 10

    static func protocols(in bytes: ByteBuffer) -> Protocols {
        var records = bytes
        var message = ByteBuffer()
        while true {
            if message.readableBytes >= 4 {
                guard message.getInteger(at: message.readerIndex) == clientHello,
                    let length = message.getInteger(at: message.readerIndex, as: UInt32.self).map({
                        Int($0 & 0xFF_FFFF)
                    }),
                    length <= maximumLength
                else { return .nothing }
                if message.readableBytes >= 4 + length {
                    message.moveReaderIndex(forwardBy: 4)
                    return message.readSlice(length: length).flatMap(protocols(of:)) ?? .nothing
                }
            }
            guard records.readableBytes > 0 else { return .incomplete }
            guard records.getInteger(at: records.readerIndex) == handshakeRecord else { return .nothing }
            guard let length = records.getInteger(at: records.readerIndex + 3, as: UInt16.self) else {
                return .incomplete
            }
            // An empty record brings nothing, however many there are.
            guard length > 0 else { return .nothing }
            guard records.readableBytes >= 5 + Int(length) else { return .incomplete }
            records.moveReaderIndex(forwardBy: 5)
            if let part = records.readSlice(length: Int(length)) { message.writeImmutableBuffer(part) }
        }
    }

    /// The names in the body of a greeting; nil where it is malformed.
    private static func protocols(of greeting: ByteBuffer) -> Protocols? {
        var body = greeting
        // Version and random, session, cipher suites, compression methods.
        guard body.readSlice(length: 34) != nil, body.readLengthPrefixedSlice(as: UInt8.self) != nil,
            body.readLengthPrefixedSlice(as: UInt16.self) != nil, body.readLengthPrefixedSlice(as: UInt8.self) != nil,
            var extensions = body.readLengthPrefixedSlice(as: UInt16.self)
        else { return nil }
        while let type = extensions.readInteger(as: UInt16.self) {
            guard var content = extensions.readLengthPrefixedSlice(as: UInt16.self) else { return nil }
            guard type == protocolNegotiation else { continue }
            guard var list = content.readLengthPrefixedSlice(as: UInt16.self) else { return nil }
            var names: [String] = []
            while let name = list.readLengthPrefixedSlice(as: UInt8.self) { names.append(String(buffer: name)) }
            return .offered(names)
        }
        return .nothing
    }
}
