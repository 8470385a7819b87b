import NIOCore
import NIOPosix
import Testing

@testable import HTTPServing

/// Clients that come in too great a number, send too much, or are too slow.
@Suite(.timeLimit(.minutes(15)))
struct LimitTests {
    private static let request = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n"

    private static func configuration(_ change: (inout HTTPServerConfiguration) -> Void) -> HTTPServerConfiguration {
        var configuration = HTTPServerConfiguration()
        change(&configuration)
        return configuration
    }

    @Test func oneConnectionTooManyIsToldToComeBack() async throws {
        let configuration = Self.configuration {
            $0.maximumConnections = 1
            $0.absoluteMaximumConnections = 2
        }
        try await ServerUnderTest.run(configuration) { test in
            let first = try await RawClient.open(.port(test.port), group: test.group)
            try await first.executeThenClose { inbound, outbound in
                try await outbound.write(ByteBuffer(string: Self.request))
                var iterator = inbound.makeAsyncIterator()
                #expect(try await iterator.next().map { String(buffer: $0) }?.contains("200 OK") == true)
                let second = try await RawClient.call(
                    test.port,
                    group: test.group,
                    Self.request + Self.request,
                    endsSending: false
                )
                #expect(second.hasPrefix("HTTP/1.1 503 "))
                #expect(second.contains("Retry-After: 1\r\n"))
                #expect(second.ranges(of: "HTTP/1.1").count == 1)
                // The one that was there goes on.
                try await outbound.write(ByteBuffer(string: Self.request))
                #expect(try await iterator.next().map { String(buffer: $0) }?.contains("200 OK") == true)
            }
            #expect(test.application.record.rejections == [.tooManyConnections])
            #expect(test.application.record.requests == ["GET /x ", "GET /x "])
            try await test.wait { test.server.statistics.openConnections == 0 }
            let answer1 = try await RawClient.call(test.port, group: test.group, Self.request)
            #expect(answer1.contains("200 OK"))
            #expect(test.server.statistics.rejectedConnections == 1)
        }
    }

    @Test func aboveTheAbsoluteBoundAConnectionIsClosed() async throws {
        let configuration = Self.configuration {
            $0.maximumConnections = 0
            $0.absoluteMaximumConnections = 0
        }
        try await ServerUnderTest.run(configuration) { test in
            let answer2 = try await RawClient.call(test.port, group: test.group, Self.request)
            #expect(answer2 == "")
            #expect(test.server.statistics.droppedConnections == 1)
            try await test.wait { test.server.statistics.openConnections == 0 }
        }
    }

    @Test func bodiesTogetherHoldNoMoreThanTheyMay() async throws {
        let configuration = Self.configuration { $0.maximumMemory = 100 }
        try await ServerUnderTest.run(configuration) { test in
            let body = String(repeating: "b", count: 60)
            let hold = "POST /hold HTTP/1.1\r\nHost: a\r\nContent-Length: 60\r\n\r\n\(body)"
            let holder = try await RawClient.open(.port(test.port), group: test.group)
            try await holder.executeThenClose { _, outbound in
                try await outbound.write(ByteBuffer(string: hold))
                try await test.wait { test.server.statistics.heldBytes == 60 }
                let answer = try await RawClient.call(test.port, group: test.group, hold)
                #expect(answer.hasPrefix("HTTP/1.1 503 "))
                #expect(test.application.record.rejections == [.tooMuchMemory])
                #expect(test.server.statistics.heldBytes == 60)
            }
            try await test.wait { test.server.statistics.heldBytes == 0 }
            #expect(test.application.record.left == 1)
            let answer = try await RawClient.call(
                test.port,
                group: test.group,
                "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 60\r\n\r\n\(body)"
            )
            #expect(answer.contains("200 OK"))
            #expect(test.server.statistics.heldBytes == 0)
        }
    }

    @Test func aHeadThatTricklesInIsNotWaitedFor() async throws {
        let configuration = Self.configuration { $0.headerTimeout = .milliseconds(300) }
        try await ServerUnderTest.run(configuration) { test in
            let client = try await RawClient.open(.port(test.port), group: test.group)
            try await client.executeThenClose { inbound, outbound in
                await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        try await outbound.write(ByteBuffer(string: "GET /"))
                        // Ends when the server has closed.
                        while true {
                            try await outbound.write(ByteBuffer(string: "x"))
                            try await test.group.next().scheduleTask(in: .milliseconds(20)) {}.futureResult.get()
                        }
                    }
                    #expect(await RawClient.rest(of: inbound) == "")
                    group.cancelAll()
                }
            }
            #expect(test.application.record.requests == [])
        }
    }

    @Test func aBodyThatTricklesInIsRefused() async throws {
        let configuration = Self.configuration {
            $0.bodyTimeout = .milliseconds(300)
            $0.bodyIdleTimeout = .seconds(60)
        }
        try await ServerUnderTest.run(configuration) { test in
            let head = "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc"
            let answer = try await RawClient.call(test.port, group: test.group, head, endsSending: false)
            #expect(answer.hasPrefix("HTTP/1.1 408 "))
            #expect(test.application.record.rejections == [.bodyTimeout])
            #expect(test.server.statistics.heldBytes == 0)
        }
    }

    @Test(arguments: ["/big", "/flood"]) func aClientThatReadsNothingIsLeft(path: String) async throws {
        let configuration = Self.configuration { $0.writeStallTimeout = .milliseconds(500) }
        try await ServerUnderTest.run(configuration) { test in
            let client = try await RawClient.open(.port(test.port), group: test.group)
            try await client.channel.setOption(.autoRead, value: false).get()
            try await client.executeThenClose { _, outbound in
                try await outbound.write(ByteBuffer(string: "GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n"))
                try await test.wait { test.server.statistics.stalledConnections == 1 }
                try await test.wait { await test.server.connectionCount() == 0 }
            }
            #expect(test.application.record.left == (path == "/flood" ? 1 : 0))
        }
    }

    @Test func aStallIsTimeWithoutProgress() {
        var watch = WriteStallWatch()
        func isStalled(_ pending: Int, at seconds: Int64) -> Bool {
            watch.isStalled(
                pending: pending,
                now: .uptimeNanoseconds(UInt64(seconds) * 1_000_000_000),
                timeout: .seconds(10)
            )
        }
        #expect(!isStalled(100, at: 1))
        #expect(!isStalled(100, at: 10))
        #expect(!isStalled(99, at: 11))
        #expect(!isStalled(120, at: 20))
        #expect(isStalled(120, at: 21))
        #expect(!isStalled(0, at: 40))
        #expect(!isStalled(5, at: 60))
    }

    @Test func drainingLetsTheAnswerFinishAndClosesTheIdle() async throws {
        try await ServerUnderTest.run { test in
            let idle = try await RawClient.open(.port(test.port), group: test.group)
            let busy = try await RawClient.open(.port(test.port), group: test.group)
            try await busy.executeThenClose { inbound, outbound in
                try await outbound.write(ByteBuffer(string: "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n"))
                try await test.wait { test.application.record.addresses.count == 1 }
                try await test.wait { await test.server.connectionCount() == 2 }
                async let stopped: Void = test.server.shutdown(drain: .seconds(20))
                try await idle.executeThenClose { inbound, _ in #expect(await RawClient.rest(of: inbound) == "") }
                try await outbound.write(ByteBuffer(string: "hi"))
                let answer = await RawClient.rest(of: inbound)
                #expect(answer.contains("[POST /x hi]"))
                #expect(answer.contains("Connection: close"))
                await stopped
            }
        }
    }
}
