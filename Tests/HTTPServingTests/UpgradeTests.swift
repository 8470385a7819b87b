import NIOCore
import NIOPosix
import Testing

@testable import HTTPServing

/// Requests whose connection goes on with another protocol.
@Suite(.timeLimit(.minutes(15)))
struct UpgradeTests {
    /// Gives connections away to a handler that sends each read back in upper case, and tells the others that they stay.
    private struct Upgrading: HTTPResponding {
        func respond(to request: HTTPRequest, writer: ResponseWriter) async throws {
            guard request.path == "/upgrade" else {
                return try await writer.send(status: 200, headers: [], body: ByteBuffer(string: "stays"))
            }
            try await writer.upgrade(headers: [("Upgrade", "echo"), ("Connection", "Upgrade")]) { channel in
                try channel.pipeline.syncOperations.addHandler(Shouting())
            }
        }
    }

    private final class Shouting: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let text = String(buffer: unwrapInboundIn(data))
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text.uppercased())), promise: nil)
        }
    }

    private static let request = "GET /upgrade HTTP/1.1\r\nHost: a\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n"
    private static let answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n"

    private func run(_ body: (HTTPServer, any EventLoopGroup) async throws -> Void) async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let server = try await HTTPServer.start(
            HTTPServerConfiguration(headerTimeout: .minutes(15)),
            group: group,
            responder: Upgrading()
        )
        let result: Result<Void, any Error>
        do { result = .success(try await body(server, group)) } catch { result = .failure(error) }
        await server.shutdown(drain: .zero)
        try result.get()
    }

    @Test func bytesBelongToTheOtherProtocol() async throws {
        try await run { server, group in
            let channel = try await RawClient.open(.port(server.port), group: group)
            try await channel.executeThenClose { inbound, outbound in
                // A request before it, and bytes that do not wait for the answer.
                try await outbound.write(
                    ByteBuffer(string: "GET / HTTP/1.1\r\nHost: a\r\n\r\n\(Self.request)early")
                )
                var seen = ""
                var hasGoneOn = false
                for try await bytes in inbound {
                    seen += String(buffer: bytes)
                    if seen.hasSuffix("EARLY"), !hasGoneOn {
                        hasGoneOn = true
                        // What looks like a request is none any more.
                        try await outbound.write(ByteBuffer(string: "GET / HTTP/1.1\r\n\r\n"))
                    }
                    if seen.hasSuffix("1.1\r\n\r\n"), hasGoneOn, !seen.hasSuffix(Self.answer) { break }
                }
                #expect(seen.hasSuffix("stays\(Self.answer)EARLYGET / HTTP/1.1\r\n\r\n"), "\(seen)")
            }
        }
    }

    @Test func aServerThatStopsClosesIt() async throws {
        try await run { server, group in
            let channel = try await RawClient.open(.port(server.port), group: group)
            try await channel.executeThenClose { inbound, outbound in
                try await outbound.write(ByteBuffer(string: Self.request))
                var seen = ""
                for try await bytes in inbound {
                    seen += String(buffer: bytes)
                    guard seen.hasSuffix(Self.answer) else { continue }
                    #expect(await server.connectionCount() == 1)
                    await server.shutdown(drain: .zero)
                }
                #expect(seen == Self.answer)
            }
        }
    }
}
