import NIOCore
import NIOEmbedded
import NIOSSL
import TestSupport
import Testing

@testable import HTTPServing

/// The protocols in a TLS client's first message, whole and in pieces.
struct ClientHelloTests {
    /// What NIOSSL's client says first.
    private static func hello(_ protocols: [String]) throws -> ByteBuffer {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.applicationProtocols = protocols
        let context = try NIOSSLContext(configuration: configuration)
        let channel = EmbeddedChannel(handler: try NIOSSLClientHandler(context: context, serverHostname: "localhost"))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        var hello = ByteBuffer()
        while let bytes = try channel.readOutbound(as: ByteBuffer.self) { hello.writeImmutableBuffer(bytes) }
        _ = try? channel.finish()
        return hello
    }

    @Test func theNamesAreRead() throws {
        #expect(ClientHello.protocols(in: try Self.hello(["h2", "acme"])) == .offered(["h2", "acme"]))
        #expect(ClientHello.protocols(in: try Self.hello([])) == .nothing)
    }

    @Test func everyBeginningWaitsForTheRest() throws {
        let hello = try Self.hello(["h2"])
        for length in 0..<hello.readableBytes {
            let part = try #require(hello.getSlice(at: hello.readerIndex, length: length))
            #expect(ClientHello.protocols(in: part) == .incomplete)
        }
    }

    @Test func recordsMayCutIt() throws {
        var hello = try Self.hello(["h2", "http/1.1"])
        let record = hello.readBytes(length: 5)
        let head = try #require(record)
        var cut = ByteBuffer()
        while let part = hello.readBytes(length: min(7, hello.readableBytes)), !part.isEmpty {
            cut.writeBytes(head[0..<3])
            cut.writeInteger(UInt16(part.count))
            cut.writeBytes(part)
        }
        #expect(ClientHello.protocols(in: cut) == .offered(["h2", "http/1.1"]))
    }

    @Test(arguments: [
        Array("GET / HTTP/1.1\r\n".utf8), [22, 3, 1, 0, 0], [22, 3, 1, 0, 4, 2, 0, 0, 0], [22, 3, 1, 0, 4, 1, 0, 0, 0],
        [22, 3, 1, 0, 4, 1, 255, 255, 255],
    ]) func whatIsNoGreetingIsLeftToTheLibrary(bytes: [UInt8]) {
        #expect(ClientHello.protocols(in: ByteBuffer(bytes: bytes)) == .nothing)
    }

    @Test func arbitraryChangesAreHarmless() throws {
        let hello = try Self.hello(["h2"])
        var generator = SeededGenerator(seed: 8)
        for _ in 0..<20_000 {
            var changed = hello
            for _ in 0..<3 {
                let place = Int.random(in: 0..<hello.readableBytes, using: &generator)
                changed.setInteger(UInt8.random(in: 0...255, using: &generator), at: changed.readerIndex + place)
            }
            _ = ClientHello.protocols(in: changed)
        }
    }
}
