import NIOCore
import NIOPosix

/// Sends bytes as they are and reads what comes back.
struct RawClient {
    enum Target {
        case port(Int)
        case unix(String)
    }

    /// Sends the pieces, each in a write of its own, ends the sending side if told to, and reads until the server closes.
    static func call(
        _ target: Target,
        group: any EventLoopGroup,
        _ pieces: [ByteBuffer],
        endsSending: Bool = true
    ) async throws -> String {
        try await open(target, group: group).executeThenClose { inbound, outbound in
            do {
                for piece in pieces { try await outbound.write(piece) }
            } catch {
                // The server may close before it has all; what it said still counts.
            }
            if endsSending { outbound.finish() }
            return await rest(of: inbound)
        }
    }

    static func call(_ port: Int, group: any EventLoopGroup, _ text: String, endsSending: Bool = true) async throws
        -> String
    {
        try await call(.port(port), group: group, [ByteBuffer(string: text)], endsSending: endsSending)
    }

    static func open(_ target: Target, group: any EventLoopGroup) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer>
    {
        let bootstrap = ClientBootstrap(group: group)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.allowRemoteHalfClosure, value: true)
        let configure: @Sendable (any Channel) -> EventLoopFuture<NIOAsyncChannel<ByteBuffer, ByteBuffer>> = { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel(
                    wrappingChannelSynchronously: channel,
                    configuration: .init(isOutboundHalfClosureEnabled: true)
                )
            }
        }
        switch target {
        case .port(let port):
            return try await bootstrap.connect(host: "127.0.0.1", port: port, channelInitializer: configure)
        case .unix(let path):
            return try await ClientBootstrap(group: group)
                .connect(unixDomainSocketPath: path, channelInitializer: configure)
        }
    }

    static func rest(of inbound: NIOAsyncChannelInboundStream<ByteBuffer>) async -> String {
        var received = ByteBuffer()
        do {
            for try await bytes in inbound { received.writeImmutableBuffer(bytes) }
        } catch {
            // A reset ends the reading as a close does.
        }
        return String(buffer: received)
    }
}
