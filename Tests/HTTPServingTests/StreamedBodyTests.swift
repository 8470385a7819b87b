import NIOCore
import NIOHPACK
import NIOHTTP2
import Testing

@testable import HTTPServing

/// Bodies that an application takes in pieces, and answers whose length is told.
@Suite(.timeLimit(.minutes(15)))
struct StreamedBodyTests {
    private static let size = 34 << 20

    private static func post(_ path: String, _ length: Int) -> String {
        "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\n"
    }

    @Test func aBodyAboveTheUsualBoundPassesInPieces() async throws {
        try await ServerUnderTest.run { test in
            let body = String(repeating: "x", count: Self.size)
            let answer = try await RawClient.call(
                test.port,
                group: test.group,
                Self.post("/pieces", Self.size) + body + "GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                endsSending: false
            )
            #expect(answer.contains("[\(Self.size) bytes in pieces]"))
            #expect(!answer.contains("Transfer-Encoding"))
            #expect(answer.contains("[GET /next ]"))
        }
    }

    @Test func chunksPassInPieces() async throws {
        try await ServerUnderTest.run { test in
            let answer = try await RawClient.call(
                test.port,
                group: test.group,
                "POST /pieces HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                    + "3\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\n\r\n",
                endsSending: false
            )
            #expect(answer.hasSuffix("[19 bytes in pieces]"))
        }
    }

    @Test func aLargerOneIsRefusedByItsOwnBound() async throws {
        try await ServerUnderTest.run { test in
            let told = try await RawClient.call(
                test.port,
                group: test.group,
                Self.post("/pieces", TestAnswer.pieceLimit + 1)
            )
            #expect(told.hasPrefix("HTTP/1.1 413 "))
            let chunk = "100000\r\n" + String(repeating: "x", count: 1 << 20) + "\r\n"
            let found = try await RawClient.call(
                test.port,
                group: test.group,
                "POST /pieces HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + String(repeating: chunk, count: 41) + "0\r\n\r\n",
                // A client that ends its side before all is read has left.
                endsSending: false
            )
            #expect(found.hasPrefix("HTTP/1.1 413 "))
            #expect(
                test.application.record.rejections == [
                    .bodyTooLarge(limit: TestAnswer.pieceLimit), .bodyTooLarge(limit: TestAnswer.pieceLimit),
                ]
            )
        }
    }

    @Test func aPausedBodyIsNotRead() async throws {
        try await ServerUnderTest.run { test in
            let client = try await RawClient.open(.port(test.port), group: test.group)
            try await client.executeThenClose { inbound, outbound in
                try await outbound.write(ByteBuffer(string: Self.post("/pieces/held", Self.size)))
                // More than the sockets hold: the write waits for a reader, and ends when the connection does.
                async let sending: Void? = try? outbound.write(ByteBuffer(repeating: 0x78, count: Self.size))
                try await test.wait { test.application.record.versions.count == 1 }
                #expect(test.application.record.streamed == 0)
                await test.server.shutdown(drain: .zero)
                _ = await sending
                #expect(test.application.record.streamed == 0)
                #expect(test.application.record.left == 1)
            }
        }
    }

    @Test func largePiecesOfAnAnswerAreFramedAsChunks() async throws {
        try await ServerUnderTest.run { test in
            let answer = try await RawClient.call(
                test.port,
                group: test.group,
                "GET /raw HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
                endsSending: false
            )
            #expect(answer.hasSuffix("\r\n\r\n4\r\nraw \r\n6\r\nframed\r\n0\r\n\r\n"))
        }
    }

    @Test func bodiesOfHTTP2PassInPieces() async throws {
        let store = TLSContextStore(context: try TestCertificate.serverContext(protocols: ["h2", "http/1.1"]))
        let configuration = HTTPServerConfiguration(listeners: [
            HTTPListener(.tcp(host: "127.0.0.1", port: 0), tls: store)
        ])
        try await ServerUnderTest.run(configuration) { test in
            let client = try await HTTP2Client.connect(test.port, group: test.group, window: 65_535)
            let pieces = Array(repeating: String(repeating: "x", count: 16_000), count: 64)
            let answer = try await client.call(HTTP2Client.head("/pieces", method: "POST"), body: pieces)
            #expect(answer.text == "[1024000 bytes in pieces]")
            #expect(answer.headers.first(name: "content-length") == "25")
            try? await client.channel.close()
        }
    }
}
