import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix
import Testing

@testable import HTTPServing

/// HTTP/2 over TLS, with a client that is another implementation's user of frames.
@Suite(.timeLimit(.minutes(15)))
struct HTTP2Tests {
    /// Runs `body` with a server that speaks HTTP/2 by ALPN and a connection to it.
    private static func run(
        _ change: (inout HTTPServerConfiguration) -> Void = { _ in },
        window: Int = 65_535,
        _ body: (ServerUnderTest, HTTP2Client) async throws -> Void
    ) async throws {
        let store = TLSContextStore(context: try TestCertificate.serverContext(protocols: ["h2", "http/1.1"]))
        var configuration = HTTPServerConfiguration(listeners: [
            HTTPListener(.tcp(host: "127.0.0.1", port: 0), tls: store)
        ])
        change(&configuration)
        try await ServerUnderTest.run(configuration) { test in
            let client = try await HTTP2Client.connect(test.port, group: test.group, window: window)
            try await body(test, client)
            try? await client.channel.close()
        }
    }

    @Test func requestsAndAnswersPass() async throws {
        try await Self.run { test, client in
            let answer = try await client.call(HTTP2Client.head("/x?y", [("x-one", "1")]))
            #expect(answer.status == "200")
            #expect(answer.text == "[GET /x?y ]")
            #expect(answer.headers.first(name: "content-length") == "11")
            #expect(answer.headers.first(name: "x-request-id") == "42")
            #expect(answer.headers.contains { $0.name == "content-type" })
            let posted = try await client.call(HTTP2Client.head("/p", method: "POST"), body: ["ab", "", "cd"])
            #expect(posted.text == "[POST /p abcd]")
            let record = test.application.record
            #expect(record.versions == ["HTTP/2.0", "HTTP/2.0"])
            #expect(record.addresses == ["127.0.0.1", "127.0.0.1"])
            #expect(record.headers[0] == ["host": "localhost", "x-one": "1"])
            #expect(test.server.statistics.http2Connections == 1)
        }
    }

    @Test func aStreamedAnswerHasNoHeadersOfAConnection() async throws {
        try await Self.run { _, client in
            let answer = try await client.call(HTTP2Client.head("/stream"))
            #expect(answer.text == "part 0;part 1;part 2;")
            #expect(answer.ended)
            let names = Set(answer.headers.map(\.name))
            #expect(names == [":status", "content-type", "x-request-id"])
        }
    }

    @Test func theAnswerToHeadHasNoBody() async throws {
        try await Self.run { _, client in
            let answer = try await client.call(HTTP2Client.head("/x", method: "HEAD"))
            #expect(answer.headers.first(name: "content-length") == "10")
            #expect(answer.text == "")
            #expect(answer.ended)
        }
    }

    @Test func manyStreamsShareAConnection() async throws {
        try await Self.run { test, client in
            let texts = try await withThrowingTaskGroup(of: String.self) { group in
                for index in 0..<80 {
                    group.addTask {
                        let body = String(repeating: "\(index % 10)", count: 90)
                        return try await client.call(HTTP2Client.head("/\(index)", method: "POST"), body: [body]).text
                    }
                }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(texts.count == 80)
            #expect(test.server.statistics.acceptedConnections == 1)
            #expect(test.server.statistics.heldBytes == 0)
        }
    }

    @Test(arguments: [
        [("host", "other")], [("x-bad", "a\r\nx: b")], [("x-bad", "a\u{0}b")], [("x-bad", " a")],
    ]) func whatHTTP1CouldNotCarryIsRefused(more: [(String, String)]) async throws {
        try await Self.run { test, client in
            let answer = try await client.call(HTTP2Client.head("/x", more))
            // The library refuses some by resetting the stream.
            #expect(answer.status == "400" || answer.trailing != nil || answer.status == nil)
            #expect(test.application.record.requests == [])
        }
    }

    @Test(arguments: [
        HPACKHeaders([(":method", "GET"), (":scheme", "https"), (":authority", "a"), (":path", "x")]),
        HPACKHeaders([(":method", "GET"), (":scheme", "https"), (":authority", "a"), (":path", "/a b")]),
        HPACKHeaders([(":method", "GET"), (":scheme", "ftp"), (":authority", "a"), (":path", "/")]),
        HPACKHeaders([(":method", "GET"), (":scheme", "https"), (":path", "/")]),
        HPACKHeaders([(":method", "GET"), (":scheme", "https"), (":authority", "a")]),
        HPACKHeaders([(":method", "CONNECT"), (":authority", "a")]),
    ]) func pseudoHeadersAreComplete(headers: HPACKHeaders) async throws {
        try await Self.run { test, client in
            let answer = try await client.call(headers)
            #expect(answer.status == "400" || answer.status == nil)
            #expect(test.application.record.requests == [])
        }
    }

    @Test(arguments: ["2", "9"]) func aBodyOfAnotherLengthThanSaidEndsTheStream(length: String) async throws {
        try await Self.run { test, client in
            let head = HTTP2Client.head("/x", method: "POST", [("content-length", length)])
            let answer = try await client.call(head, body: ["abc", "d"])
            #expect(answer.status == nil)
            #expect(test.application.record.requests == [])
        }
    }

    @Test func largeBodiesAreRefusedAndTheConnectionGoesOn() async throws {
        try await Self.run({ $0.maximumBodyBytes = 10 }) { test, client in
            let said = HTTP2Client.head("/x", method: "POST", [("content-length", "20")])
            let refused = try await client.call(said, body: [String(repeating: "x", count: 20)])
            #expect(refused.status == "413")
            let unsaid = try await client.call(HTTP2Client.head("/x", method: "POST"), body: ["123456", "123456"])
            #expect(unsaid.status == "413")
            let next = try await client.call(HTTP2Client.head("/y"))
            #expect(next.text == "[GET /y ]")
            #expect(test.server.statistics.heldBytes == 0)
            #expect(test.server.statistics.acceptedConnections == 1)
        }
    }

    @Test func aResetStreamIsAClientThatLeft() async throws {
        try await Self.run { test, client in
            let stream = try await client.openStream()
            try await stream.executeThenClose { inbound, outbound in
                try await outbound.write(.headers(.init(headers: HTTP2Client.head("/begin"), endStream: true)))
                var iterator = inbound.makeAsyncIterator()
                _ = try await iterator.next()
                try await outbound.write(.rstStream(.cancel))
                try await test.wait { test.application.record.left == 1 }
            }
            let next = try await client.call(HTTP2Client.head("/y"))
            #expect(next.text == "[GET /y ]")
        }
    }

    @Test func aLostConnectionLeavesAllItsStreams() async throws {
        try await Self.run { test, client in
            for _ in 0..<3 {
                let stream = try await client.openUnreadStream()
                let payload = HTTP2Frame.FramePayload.headers(
                    .init(headers: HTTP2Client.head("/hold"), endStream: true)
                )
                try await stream.writeAndFlush(payload).get()
            }
            try await test.wait { test.application.record.requests.count == 3 }
            try await client.channel.close()
            try await test.wait { test.application.record.left == 3 }
            try await test.wait { test.server.statistics.openConnections == 0 }
        }
    }

    @Test func aCutAnswerEndsInAReset() async throws {
        try await Self.run { _, client in
            let answer = try await client.call(HTTP2Client.head("/cut"))
            #expect(answer.status == "200")
            #expect(!answer.ended)
        }
    }

    @Test func aStreamOfMegabytesFollowsTheClientsWindow() async throws {
        try await Self.run { test, client in
            let answer = try await client.call(HTTP2Client.head("/flood"))
            #expect(answer.body.readableBytes == TestAnswer.bigSize)
            #expect(answer.ended)
            #expect(test.application.record.writability.contains(false))
            let whole = try await client.call(HTTP2Client.head("/big"))
            #expect(whole.body.readableBytes == TestAnswer.bigSize)
        }
    }

    @Test func aStreamThatIsNotReadIsEndedAndOthersGoOn() async throws {
        try await Self.run({ $0.writeStallTimeout = .milliseconds(500) }) { test, client in
            let stream = try await client.openStream()
            try await stream.channel.setOption(.autoRead, value: false).get()
            try await stream.executeThenClose { _, outbound in
                try await outbound.write(.headers(.init(headers: HTTP2Client.head("/flood"), endStream: true)))
                try await test.wait { test.server.statistics.stalledConnections == 1 }
                try await test.wait { test.application.record.left == 1 }
            }
            let next = try await client.call(HTTP2Client.head("/y"))
            #expect(next.text == "[GET /y ]")
        }
    }

    @Test func drainingLetsStreamsFinish() async throws {
        try await Self.run { test, client in
            let stream = try await client.openStream()
            try await stream.executeThenClose { inbound, outbound in
                let head = HTTP2Client.head("/x", method: "POST")
                try await outbound.write(.headers(.init(headers: head)))
                try await test.wait { test.application.record.addresses.count == 1 }
                async let stopped: Void = test.server.shutdown(drain: .seconds(20))
                let data = HTTP2Frame.FramePayload.Data(data: .byteBuffer(ByteBuffer(string: "hi")), endStream: true)
                try await outbound.write(.data(data))
                let answer = await HTTP2Client.answer(from: inbound)
                #expect(answer.text == "[POST /x hi]")
                await stopped
            }
            try await client.channel.closeFuture.get()
        }
    }

    @Test func oneConnectionTooManyIsToldToComeBack() async throws {
        try await Self.run({ $0.maximumConnections = 0 }) { test, client in
            let answer = try await client.call(HTTP2Client.head("/x"))
            #expect(answer.status == "503")
            #expect(answer.headers.first(name: "retry-after") == "1")
            try await client.channel.closeFuture.get()
            #expect(test.application.record.requests == [])
        }
    }

    @Test func resetsInRapidSuccessionEndTheConnection() async throws {
        try await Self.run { test, client in
            for _ in 0..<1000 where client.channel.isActive {
                guard let stream = try? await client.openUnreadStream() else { break }
                let head = HTTP2Frame.FramePayload.headers(.init(headers: HTTP2Client.head("/hold"), endStream: true))
                stream.write(head, promise: nil)
                stream.writeAndFlush(HTTP2Frame.FramePayload.rstStream(.cancel), promise: nil)
            }
            try await client.channel.closeFuture.get()
            try await test.wait { test.server.statistics.openConnections == 0 }
            #expect(test.application.record.left <= 1000)
        }
    }

    @Test func aClientThatKnowsMayBeginWithoutTLS() async throws {
        let listener = HTTPListener(.tcp(host: "127.0.0.1", port: 0), allowsCleartextHTTP2: true)
        try await ServerUnderTest.run(HTTPServerConfiguration(listeners: [listener])) { test in
            let client = try await HTTP2Client.connect(test.port, group: test.group, tls: false)
            let answer = try await client.call(HTTP2Client.head("/x"))
            #expect(answer.text == "[GET /x ]")
            try await client.channel.close()
            let old = try await RawClient.call(
                .port(test.port),
                group: test.group,
                "PUT /y HTTP/1.1\r\nHost: a\r\n\r\n".utf8.map { ByteBuffer(bytes: [$0]) }
            )
            #expect(old.contains("[PUT /y ]"))
        }
    }
}
