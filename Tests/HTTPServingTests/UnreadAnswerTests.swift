import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import HTTPServing

/// Clients that ask and do not read, or announce and do not send.
@Suite(.timeLimit(.minutes(15)))
struct UnreadAnswerTests {
    @Test func thePipelinedRequestsOfAClientThatDoesNotReadAreNotAnswered() async throws {
        try await ServerUnderTest.run { test in
            let client = try await RawClient.open(.port(test.port), group: test.group)
            try await client.channel.setOption(.autoRead, value: false).get()
            try await client.executeThenClose { inbound, outbound in
                let request = "GET /big HTTP/1.1\r\nHost: a\r\n\r\n"
                try await outbound.write(ByteBuffer(string: String(repeating: request, count: 4)))
                try await test.wait { !test.application.record.requests.isEmpty }
                // Asks every loop, so the turn in which the requests came is over.
                #expect(await test.server.connectionCount() == 1)
                #expect(test.application.record.requests.count == 1)
                try await client.channel.setOption(.autoRead, value: true).get()
                var received = 0
                for try await bytes in inbound {
                    received += bytes.readableBytes
                    if received > 4 * TestAnswer.bigSize { break }
                }
                #expect(test.application.record.requests.count == 4)
            }
        }
    }

    @Test func aClientThatTakesItsAnswerSlowlyIsNotIdle() async throws {
        var configuration = HTTPServerConfiguration()
        configuration.keepAliveTimeout = .milliseconds(100)
        try await ServerUnderTest.run(configuration) { test in
            let client = try await RawClient.open(.port(test.port), group: test.group)
            try await client.channel.setOption(.autoRead, value: false).get()
            try await client.executeThenClose { inbound, outbound in
                try await outbound.write(ByteBuffer(string: "GET /big HTTP/1.1\r\nHost: a\r\n\r\n"))
                try await test.wait { !test.application.record.requests.isEmpty }
                // Idle connections of both loops are closed meanwhile.
                for _ in 0..<4 {
                    let idle = try await RawClient.open(.port(test.port), group: test.group)
                    try await idle.executeThenClose { inbound, outbound in
                        try await outbound.write(ByteBuffer(string: "GET /x HTTP/1.1\r\nHost: a\r\n\r\n"))
                        #expect(await RawClient.rest(of: inbound).contains("200 OK"))
                    }
                }
                #expect(await test.server.connectionCount() == 1)
                try await client.channel.setOption(.autoRead, value: true).get()
                #expect(await RawClient.rest(of: inbound).utf8.count > TestAnswer.bigSize)
            }
        }
    }

    #if os(Linux)
    /// Bytes of address space this process has.
    private static func addressSpace() throws -> Int {
        let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).prefix { $0 != " " }
        return (Int(pages) ?? 0) * 4096
    }

    @Test func anAnnouncedLengthTakesNoMemory() async throws {
        // A slow machine must not time the bodies out before all are there.
        try await ServerUnderTest.run(HTTPServerConfiguration(bodyIdleTimeout: .hours(1))) { test in
            let before = try Self.addressSpace()
            var clients: [any Channel] = []
            for _ in 0..<150 {
                let client = try await ClientBootstrap(group: test.group).connect(host: "127.0.0.1", port: test.port)
                    .get()
                let head = "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 33000000\r\n\r\n"
                try await client.writeAndFlush(ByteBuffer(string: head + "x"))
                clients.append(client)
            }
            try await test.wait { test.server.statistics.heldBytes == 150 }
            // Announced were nearly five gigabytes.
            #expect(try Self.addressSpace() - before < 2 << 30)
            for client in clients { try await client.close() }
        }
    }
    #endif
}
