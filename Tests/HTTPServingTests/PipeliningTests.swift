import NIOCore
import NIOEmbedded
import Testing

@testable import HTTPServing

/// Many requests behind each other on one connection: the others of its loop are looked at in between.
@Suite(.timeLimit(.minutes(15)))
struct PipeliningTests {
    private static let turn = ClientConnectionHandler.requestsPerTurn

    private static func requests(_ numbers: Range<Int>) -> String {
        numbers.map { "GET /\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined()
    }

    private static func connect(
        to application: TestApplication
    ) throws -> (channel: EmbeddedChannel, connection: EmbeddedConnection) {
        let channel = EmbeddedChannel()
        let listener = HTTPListener(.tcp(host: "", port: 0))
        let connection = try EmbeddedConnection(
            channel,
            listener: listener,
            configuration: HTTPServerConfiguration(listeners: [listener]),
            application: application
        )
        try channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 1)).wait()
        return (channel, connection)
    }

    @Test func aLoopLooksAtOthersBetweenManyRequests() throws {
        let application = TestApplication()
        let (channel, connection) = try Self.connect(to: application)
        try channel.writeInbound(ByteBuffer(string: Self.requests(0..<(3 * Self.turn))))
        channel.embeddedEventLoop.run()
        #expect(application.record.requests.count == Self.turn)
        // What comes meanwhile waits as well.
        try channel.writeInbound(ByteBuffer(string: Self.requests(3 * Self.turn..<3 * Self.turn + 1)))
        channel.embeddedEventLoop.run()
        #expect(application.record.requests.count == Self.turn)
        for seen in [2 * Self.turn, 3 * Self.turn, 3 * Self.turn + 1] {
            channel.embeddedEventLoop.advanceTime(by: ClientConnectionHandler.otherTurns)
            #expect(application.record.requests.count == seen)
        }
        #expect(application.record.requests == (0...3 * Self.turn).map { "GET /\($0) " })
        #expect(connection.statistics.heldBytes == 0)
        _ = try channel.finish()
    }

    @Test func requestsThatComeOneByOneNeverWait() throws {
        let application = TestApplication()
        let (channel, _) = try Self.connect(to: application)
        for number in 0..<3 * Self.turn {
            try channel.writeInbound(ByteBuffer(string: Self.requests(number..<number + 1)))
            channel.embeddedEventLoop.run()
            #expect(application.record.requests.count == number + 1)
        }
        _ = try channel.finish()
    }

    @Test func aThousandRequestsInOneWriteAreAnsweredInOrder() async throws {
        try await ServerUnderTest.run { test in
            let last = "GET /1000 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            let answer = try await RawClient.call(
                test.port,
                group: test.group,
                Self.requests(0..<1000) + last,
                endsSending: false
            )
            let bodies = answer.split(separator: "[").dropFirst().map { $0.prefix { $0 != "]" } }
            #expect(bodies == (0...1000).map { "GET /\($0) " })
        }
    }

    @Test(arguments: [1, 64, 65, 200, 2000])
    func aClientMayEndItsSideBehindItsRequests(count: Int) async throws {
        try await ServerUnderTest.run { test in
            let answer = try await RawClient.call(
                test.port,
                group: test.group,
                Self.requests(0..<count),
                endsSending: true
            )
            let bodies = answer.split(separator: "[").dropFirst().map { $0.prefix { $0 != "]" } }
            #expect(bodies == (0..<count).map { "GET /\($0) " })
            try await test.wait { test.server.statistics.openConnections == 0 }
        }
    }

    /// A call that is not answered yet is cancelled, because nobody waits for its answer.
    @Test func aCallInTheMakingEndsWithTheClient() async throws {
        try await ServerUnderTest.run { test in
            _ = try await RawClient.call(
                test.port,
                group: test.group,
                Self.requests(0..<100) + "GET /hold HTTP/1.1\r\nHost: a\r\n\r\n",
                endsSending: true
            )
            try await test.wait { test.server.statistics.openConnections == 0 }
            #expect(test.application.record.requests.count == 101)
            #expect(test.application.record.left == 1)
        }
    }

    @Test func aConnectionMayEndWhileItWaitsForItsTurn() throws {
        let application = TestApplication()
        let (channel, connection) = try Self.connect(to: application)
        try channel.writeInbound(ByteBuffer(string: Self.requests(0..<(2 * Self.turn))))
        channel.embeddedEventLoop.run()
        channel.close(promise: nil)
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(application.record.requests.count == Self.turn)
        #expect(connection.statistics.heldBytes == 0)
        #expect(connection.statistics.openConnections == 0)
    }
}
