import NIOCore
import NIOHTTP2
import NIOPosix
import Testing

@testable import HTTPServing

/// The one bound on what clients make the server hold, and each address's share of connections and memory.
@Suite(.timeLimit(.minutes(15)))
struct MemoryBudgetTests {
    private static func configuration(
        _ change: (inout HTTPServerConfiguration) -> Void
    ) -> HTTPServerConfiguration {
        var configuration = HTTPServerConfiguration()
        configuration.isExempt = { _ in false }
        change(&configuration)
        return configuration
    }

    /// A request whose answer is never made, so that its body stays.
    private static func hold(_ count: Int) -> ByteBuffer {
        let head = "POST /hold HTTP/1.1\r\nHost: a\r\nContent-Length: \(count)\r\n\r\n"
        return ByteBuffer(string: head + String(repeating: "b", count: count))
    }

    // MARK: - The budget

    @Test func anEighthIsKeptForSmallRequests() {
        let budget = MemoryBudget(maximum: 8 << 20)
        #expect(budget.take(7 << 20, already: 0, for: nil))
        #expect(!budget.take(100 << 10, already: 0, for: nil))
        #expect(!budget.take(1, already: 64 << 10, for: nil))
        #expect(budget.take(64 << 10, already: 0, for: nil))
        #expect(budget.heldBytes == 7 << 20 | 64 << 10)
        #expect(!budget.isExhausted)
        budget.giveBack(7 << 20, of: nil)
        #expect(budget.take(100 << 10, already: 0, for: nil))
    }

    @Test func oneAddressHasAQuarterOrOneRequest() {
        let budget = MemoryBudget(maximum: 8 << 20)
        let peer = PeerShare(key: 1)
        #expect(budget.take(1 << 20, already: 0, for: peer))
        #expect(budget.take(1 << 20, already: 0, for: peer))
        #expect(!budget.take(1, already: 0, for: peer))
        #expect(budget.take(1, already: 0, for: PeerShare(key: 2)))
        budget.giveBack(2 << 20, of: peer)
        #expect(budget.take(2 << 20, already: 0, for: peer))
        #expect(budget.take(2 << 20, already: 2 << 20, for: peer))
        #expect(!budget.take(1, already: 0, for: peer))
    }

    @Test func whatIsThereCountsEvenWithoutRoom() {
        let budget = MemoryBudget(maximum: 4 << 20)
        let peer = PeerShare(key: 1)
        budget.force(2 << 20, for: peer)
        #expect(budget.isExhausted(for: peer))
        #expect(!budget.isExhausted(for: nil))
        budget.force(3 << 20, for: nil)
        #expect(budget.isExhausted(for: nil))
        #expect(!budget.hasFallen(by: 2 << 20))
        budget.giveBack(3 << 20, of: nil)
        #expect(!budget.isExhausted(for: nil))
        #expect(budget.hasFallen(by: 2 << 20))
        #expect(!budget.hasFallen(by: 2 << 20))
    }

    @Test(arguments: [
        ("127.9.8.7", true), ("::1", true), ("::ffff:127.0.0.1", true), ("10.0.0.1", false), ("::2", false),
        ("2001:db8::7f00:1", false),
    ]) func thisMachineIsLocal(address: String, isLocal: Bool) throws {
        #expect(try RemoteAddress(SocketAddress(ipAddress: address, port: 1)).isLocal == isLocal)
    }

    @Test func addressesOfOneNetworkAreOnePeer() throws {
        let table = PeerTable()
        func open(_ address: String) throws -> (PeerShare, Int) {
            let bits = try #require(try RemoteAddress(SocketAddress(ipAddress: address, port: 1)).bits)
            return table.connectionOpened(bits)
        }
        let first = try open("2001:db8:0:1::1")
        #expect(try open("2001:db8:0:1:ffff::").1 == 2)
        #expect(try open("2001:db8:0:2::1").1 == 1)
        #expect(try open("192.0.2.1").1 == 1)
        #expect(try open("192.0.2.2").1 == 1)
        #expect(table.count == 4)
        table.connectionClosed(first.0)
        #expect(table.count == 4)
        table.connectionClosed(first.0)
        #expect(table.count == 3)
    }

    // MARK: - A server

    @Test func anAddressThatHoldsItsShareIsToldToComeBack() async throws {
        try await ServerUnderTest.run(Self.configuration { $0.maximumMemory = 400_000 }) { test in
            let holder = try await RawClient.open(.port(test.port), group: test.group)
            try await holder.executeThenClose { _, outbound in
                try await outbound.write(Self.hold(90_000))
                try await test.wait { test.server.statistics.heldBytes == 90_000 }
                let refused = try await RawClient.call(.port(test.port), group: test.group, [Self.hold(20_000)])
                #expect(refused.hasPrefix("HTTP/1.1 503 "))
                #expect(test.application.record.rejections == [.tooMuchMemory])
            }
            try await test.wait { test.server.statistics.heldBytes == 0 }
        }
    }

    @Test func unfinishedHeadsCount() async throws {
        try await ServerUnderTest.run(Self.configuration { $0.maximumMemory = 80_000 }) { test in
            let half = ByteBuffer(string: "GET /x HTTP/1.1\r\nX-Long: " + String(repeating: "h", count: 15_000))
            let client = try await RawClient.open(.port(test.port), group: test.group)
            try await client.executeThenClose { _, outbound in
                try await outbound.write(half)
                try await test.wait { test.server.statistics.heldBytes == half.readableBytes }
                let refused = try await RawClient.call(
                    .port(test.port),
                    group: test.group,
                    [half],
                    endsSending: false
                )
                #expect(refused.hasPrefix("HTTP/1.1 503 "))
            }
            try await test.wait { test.server.statistics.heldBytes == 0 }
        }
    }

    @Test func anAnswerThatIsNotTakenCountsUntilItsClientGoes() async throws {
        try await ServerUnderTest.run { test in
            let client = try await RawClient.open(.port(test.port), group: test.group)
            try await client.channel.setOption(.autoRead, value: false).get()
            try await client.executeThenClose { _, outbound in
                try await outbound.write(ByteBuffer(string: "GET /big HTTP/1.1\r\nHost: a\r\n\r\n"))
                try await test.wait { test.server.statistics.heldBytes > 1 << 20 }
            }
            try await test.wait { test.server.statistics.heldBytes == 0 }
        }
    }

    @Test func anAnswerBehindAClosedWindowCountsUntilTheStreamEnds() async throws {
        let listener = HTTPListener(.tcp(host: "127.0.0.1", port: 0), allowsCleartextHTTP2: true)
        try await ServerUnderTest.run(HTTPServerConfiguration(listeners: [listener])) { test in
            let client = try await HTTP2Client.connect(test.port, group: test.group, tls: false)
            let stream = try await client.openUnreadStream()
            try await stream.setOption(.autoRead, value: false).get()
            let head = HTTP2Frame.FramePayload.headers(.init(headers: HTTP2Client.head("/big"), endStream: true))
            try await stream.writeAndFlush(head)
            try await test.wait { test.server.statistics.heldBytes >= TestAnswer.bigSize }
            try await client.channel.close()
            try await test.wait { test.server.statistics.heldBytes == 0 }
        }
    }

    @Test func oneAddressHasItsShareOfConnections() async throws {
        let configuration = Self.configuration { $0.maximumConnectionsPerAddress = 1 }
        try await ServerUnderTest.run(configuration) { test in
            let request = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n"
            let first = try await RawClient.open(.port(test.port), group: test.group)
            try await first.executeThenClose { inbound, outbound in
                try await outbound.write(ByteBuffer(string: request))
                var iterator = inbound.makeAsyncIterator()
                #expect(try await iterator.next().map { String(buffer: $0) }?.contains("200 OK") == true)
                let second = try await RawClient.call(test.port, group: test.group, request, endsSending: false)
                #expect(second.hasPrefix("HTTP/1.1 503 "))
                #expect(test.application.record.rejections == [.tooManyConnections])
            }
            try await test.wait { test.server.statistics.openConnections == 0 }
            #expect(try await RawClient.call(test.port, group: test.group, request).contains("200 OK"))
            #expect(test.server.statistics.rejectedConnections == 1)
        }
    }

    @Test func farAboveItsShareAnAddressIsClosedAtOnce() async throws {
        let configuration = Self.configuration { $0.maximumConnectionsPerAddress = 1 }
        try await ServerUnderTest.run(configuration) { test in
            var open: [any Channel] = []
            for _ in 0..<17 {
                open.append(
                    try await ClientBootstrap(group: test.group).connect(host: "127.0.0.1", port: test.port).get()
                )
            }
            try await test.wait { test.server.statistics.openConnections == 17 }
            let answer = try await RawClient.call(test.port, group: test.group, "GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(answer == "")
            #expect(test.server.statistics.droppedConnections == 1)
            for channel in open { try await channel.close() }
        }
    }

    @Test func behindAProxyTheHeadersAddressHasTheShare() async throws {
        var configuration = HTTPServerConfiguration(listeners: [
            HTTPListener(.tcp(host: "127.0.0.1", port: 0), proxyProtocol: .always)
        ])
        configuration.maximumConnectionsPerAddress = 1
        try await ServerUnderTest.run(configuration) { test in
            func request(_ address: String) -> String {
                "PROXY TCP4 \(address) 198.51.100.1 56324 443\r\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n"
            }
            let first = try await RawClient.open(.port(test.port), group: test.group)
            try await first.executeThenClose { inbound, outbound in
                try await outbound.write(ByteBuffer(string: request("192.0.2.7")))
                var iterator = inbound.makeAsyncIterator()
                #expect(try await iterator.next().map { String(buffer: $0) }?.contains("200 OK") == true)
                let second = try await RawClient.call(test.port, group: test.group, request("192.0.2.7"))
                #expect(second.hasPrefix("HTTP/1.1 503 "))
                let other = try await RawClient.call(test.port, group: test.group, request("192.0.2.8"))
                #expect(other.hasPrefix("HTTP/1.1 200 "))
            }
        }
    }

    @Test func theEndOfAFloodIsToldOnce() {
        let counters = ServerCounters(maximumMemory: 1 << 30)
        for _ in 0..<1200 { _ = counters.connectionOpened() }
        #expect(!counters.hasFallen())
        for _ in 0..<1100 { counters.connectionClosed() }
        #expect(counters.hasFallen())
        #expect(!counters.hasFallen())
        counters.memory.force(100 << 20, for: nil)
        counters.memory.giveBack(90 << 20, of: nil)
        #expect(counters.hasFallen())
        #expect(!counters.hasFallen())
    }
}
