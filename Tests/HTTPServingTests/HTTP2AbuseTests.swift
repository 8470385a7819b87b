import NIOCore
import NIOEmbedded
import NIOPosix
import Testing

@testable import HTTPServing

/// HTTP/2 clients that make errors: what ends with an error, and what goes on.
@Suite(.timeLimit(.minutes(15)))
struct HTTP2AbuseTests {
    /// Runs `body` with a server that takes HTTP/2 by prior knowledge.
    private static func run(
        _ change: (inout HTTPServerConfiguration) -> Void = { _ in },
        _ body: (ServerUnderTest) async throws -> Void
    ) async throws {
        var configuration = HTTPServerConfiguration(listeners: [
            HTTPListener(.tcp(host: "127.0.0.1", port: 0), allowsCleartextHTTP2: true)
        ])
        change(&configuration)
        try await ServerUnderTest.run(configuration, body)
    }

    private static func hasAnswer(_ stream: UInt32) -> ([RawHTTP2.Frame]) -> Bool {
        { $0.contains { $0.stream == stream && $0.endsStream && $0.type != RawHTTP2.reset } }
    }

    private static func reset(_ stream: UInt32) -> ([RawHTTP2.Frame]) -> Bool {
        { $0.contains { $0.stream == stream && $0.type == RawHTTP2.reset } }
    }

    /// Frames that are an error of stream 3, which is a request whose body has not ended.
    static let errors: [[UInt8]] = [
        RawHTTP2.request("/x", stream: 3, [("X-Upper", "1")]),
        RawHTTP2.request("/x", stream: 3, [("connection", "close")]),
        RawHTTP2.request("/x", method: "POST", stream: 3, ends: false, [("content-length", "1")])
            + RawHTTP2.frame(RawHTTP2.data, flags: 1, stream: 3, [1, 2]),
        RawHTTP2.request("/x", stream: 3)
            + RawHTTP2.frame(RawHTTP2.windowUpdate, stream: 3, RawHTTP2.number(0x7FFF_FFFF)),
        RawHTTP2.request("/hold", stream: 3) + RawHTTP2.frame(RawHTTP2.data, stream: 3, [1]),
    ]

    @Test(arguments: errors) func anErrorOfOneStreamEndsNoOther(frames: [UInt8]) async throws {
        try await Self.run { test in
            let post = RawHTTP2.request("/first", method: "POST", stream: 1, ends: false)
            let received = try await RawHTTP2.call(
                test.port,
                group: test.group,
                [
                    (RawHTTP2.hello + post + frames, { Self.reset(3)($0) || Self.hasAnswer(3)($0) }),
                    (RawHTTP2.frame(RawHTTP2.data, flags: 1, stream: 1, Array("hi".utf8)), Self.hasAnswer(1)),
                    (RawHTTP2.request("/next", stream: 5), Self.hasAnswer(5)),
                ]
            )
            #expect(Self.hasAnswer(1)(received))
            #expect(Self.hasAnswer(5)(received))
            #expect(!received.contains { $0.type == RawHTTP2.goAway })
            #expect(test.application.record.requests.contains("POST /first hi"))
            #expect(test.application.record.requests.contains("GET /next "))
        }
    }

    @Test func oneStreamTooManyIsRefusedAndTheOthersGoOn() async throws {
        try await Self.run({ $0.maximumConcurrentStreams = 2 }) { test in
            let posts = [1, 3].flatMap { RawHTTP2.request("/\($0)", method: "POST", stream: $0, ends: false) }
            let end = [1, 3].flatMap { RawHTTP2.frame(RawHTTP2.data, flags: 1, stream: $0, [0x61]) }
            let received = try await RawHTTP2.call(
                test.port,
                group: test.group,
                [
                    (RawHTTP2.hello + posts + RawHTTP2.request("/5", stream: 5), Self.reset(5)),
                    (end, { Self.hasAnswer(1)($0) && Self.hasAnswer(3)($0) }),
                    (RawHTTP2.request("/7", stream: 7), Self.hasAnswer(7)),
                ]
            )
            #expect(received.first { Self.reset(5)([$0]) }?.code == 7)
            #expect(test.application.record.requests == ["POST /1 a", "POST /3 a", "GET /7 "])
            // What the client is told is the limit itself.
            let settings = try #require(received.first { $0.type == RawHTTP2.settings })
            let entries = stride(from: 0, to: settings.payload.count, by: 6).map {
                Array(settings.payload[$0..<$0 + 6])
            }
            #expect(entries.contains([0, 3, 0, 0, 0, 2]))
        }
    }

    /// A client that has not read the settings cannot know how many streams it may open.
    @Test(arguments: [120, 700]) func streamsBeforeTheSettingsAreAcknowledgedAreRefusedSingly(count: UInt32)
        async throws
    {
        try await Self.run { test in
            func numbers(_ range: Range<UInt32>) -> [UInt32] { range.map { $0 * 2 + 1 } }
            let posts = numbers(0..<count).flatMap {
                RawHTTP2.request("/\($0)", method: "POST", stream: $0, ends: false)
            }
            let ends = numbers(0..<100).flatMap { RawHTTP2.frame(RawHTTP2.data, flags: 1, stream: $0, [0x61]) }
            let acknowledged = RawHTTP2.frame(RawHTTP2.settings, flags: 1)
            let next = count * 2 + 1
            let received = try await RawHTTP2.call(
                test.port,
                group: test.group,
                [
                    (RawHTTP2.hello + posts, Self.reset(count * 2 - 1)),
                    (acknowledged + ends, { frames in numbers(0..<100).allSatisfy { Self.hasAnswer($0)(frames) } }),
                    (RawHTTP2.request("/next", stream: next), Self.hasAnswer(next)),
                ]
            )
            #expect(!received.contains { $0.type == RawHTTP2.goAway })
            let refused = received.filter { $0.type == RawHTTP2.reset }
            #expect(refused.map(\.stream) == numbers(100..<count))
            #expect(refused.allSatisfy { $0.code == 7 })
            #expect(Self.hasAnswer(next)(received))
            #expect(test.application.record.requests.count == 101)
        }
    }

    @Test func whoIgnoresTheLimitThatItKnowsIsSentAway() async throws {
        try await Self.run({ $0.maximumConcurrentStreams = 1 }) { test in
            let acknowledged = RawHTTP2.frame(RawHTTP2.settings, flags: 1)
            let streams = (0..<102).flatMap {
                RawHTTP2.request("/x", method: "POST", stream: $0 * 2 + 1, ends: false)
            }
            let received = try await RawHTTP2.call(
                test.port,
                group: test.group,
                [(RawHTTP2.hello + acknowledged + streams, { _ in false })]
            )
            #expect(received.last { $0.type == RawHTTP2.goAway }?.code == 11)
        }
    }

    @Test func aSecondAcknowledgementIsAnErrorOfTheConnection() async throws {
        try await Self.run { test in
            let acknowledged = RawHTTP2.frame(RawHTTP2.settings, flags: 1)
            let received = try await RawHTTP2.call(
                test.port,
                group: test.group,
                [(RawHTTP2.hello + acknowledged + acknowledged, { _ in false })]
            )
            #expect(received.last { $0.type == RawHTTP2.goAway }?.code == 1)
        }
    }

    @Test(arguments: [1, 2, 7, 33]) func theAcknowledgementIsFoundInAnyPieces(size: Int) throws {
        final class Flag { var isSet = false }
        let flag = Flag()
        let channel = EmbeddedChannel(handler: StreamLimitHandler(limit: 3) { flag.isSet = true })
        let hello = RawHTTP2.hello + RawHTTP2.request("/x", stream: 1)
        let acknowledgement = RawHTTP2.frame(RawHTTP2.settings, flags: 1)
        let rest = RawHTTP2.request("/y", stream: 3)
        let bytes = hello + acknowledgement + rest
        for start in stride(from: 0, to: bytes.count, by: size) {
            try channel.writeInbound(ByteBuffer(bytes: bytes[start..<min(start + size, bytes.count)]))
        }
        var read: [UInt8] = []
        while let piece = try channel.readInbound(as: ByteBuffer.self) { read += piece.readableBytesView }
        #expect(read == RawHTTP2.hello + acknowledgement + RawHTTP2.request("/x", stream: 1) + rest)
        #expect(flag.isSet)
        _ = try channel.finish()
    }

    /// A request, and what makes the server reset it.
    static let provocations: [String: @Sendable (UInt32) -> [UInt8]] = [
        "window": { stream in
            RawHTTP2.request("/hold", stream: stream)
                + RawHTTP2.frame(RawHTTP2.windowUpdate, stream: stream, RawHTTP2.number(0x7FFF_FFFF))
        },
        "head": { stream in RawHTTP2.request("/hold", stream: stream, [("Upper", "1")]) },
        "cancel": { stream in
            RawHTTP2.request("/hold", stream: stream)
                + RawHTTP2.frame(RawHTTP2.reset, stream: stream, RawHTTP2.number(8))
        },
    ]

    @Test(arguments: provocations.keys.sorted())
    func whoProvokesMoreThanAHundredResetsIsSentAway(kind: String) async throws {
        let provoke = try #require(Self.provocations[kind])
        try await Self.run { test in
            func streams(_ count: UInt32) -> [UInt8] { (0..<count).flatMap { provoke($0 * 2 + 1) } }
            let patient = try await RawHTTP2.call(
                test.port,
                group: test.group,
                [(RawHTTP2.hello + streams(100) + RawHTTP2.request("/last", stream: 999), Self.hasAnswer(999))]
            )
            #expect(Self.hasAnswer(999)(patient))
            #expect(!patient.contains { $0.type == RawHTTP2.goAway })
            let sentAway = try await RawHTTP2.call(
                test.port,
                group: test.group,
                [(RawHTTP2.hello + streams(101), { _ in false })]
            )
            #expect(sentAway.last { $0.type == RawHTTP2.goAway }?.code == 11)
            try await test.wait { test.server.statistics.openConnections == 0 }
        }
    }

    @Test func anErrorOfTheConnectionEndsItWithGoAway() async throws {
        try await Self.run { test in
            let received = try await RawHTTP2.call(
                test.port,
                group: test.group,
                [(RawHTTP2.hello + RawHTTP2.frame(RawHTTP2.data, stream: 0, [1]), { _ in false })]
            )
            #expect(received.last { $0.type == RawHTTP2.goAway }?.code == 1)
        }
    }

    @Test func tooManyFieldsAreToldByTheirNumber() async throws {
        try await Self.run({ $0.maximumHeaderCount = 16 }) { test in
            let fields = (0..<20).map { ("x-\($0)", "1") }
            let received = try await RawHTTP2.call(
                test.port,
                group: test.group,
                [(RawHTTP2.hello + RawHTTP2.request("/x", stream: 1, fields), Self.hasAnswer(1))]
            )
            #expect(Self.hasAnswer(1)(received))
            #expect(test.application.record.rejections == [.tooManyHeaders(limit: 16)])
        }
    }

    @Test func twoFieldsThatSayWhoCallsAreRefused() async throws {
        try await Self.run { test in
            let fields = [("authorization", "a"), ("authorization", "b")]
            let received = try await RawHTTP2.call(
                test.port,
                group: test.group,
                [(RawHTTP2.hello + RawHTTP2.request("/x", stream: 1, fields), Self.hasAnswer(1))]
            )
            #expect(Self.hasAnswer(1)(received))
            #expect(test.application.record.rejections == [.repeatedAuthorization])
        }
    }
}
