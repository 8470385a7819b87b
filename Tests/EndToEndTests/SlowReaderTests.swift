import DashScopeEmulator
import Foundation
import HTTPServing
import NIOCore
import NIOHTTP1
import Synchronization
import Testing
import Upstream

@testable import Gateway

/// Clients that do not read what is made for them: upstream is not read either, and others are not held up.
@Suite(.timeLimit(.minutes(15)))
struct SlowReaderTests {
    /// What upstream has for a slow client.
    private static let offered = 96 << 20
    /// More than the sockets on the way, each with the largest buffer that Linux gives it, and the gateway keep of it together.
    private static let mostInFlight = 48 << 20
    /// What others read meanwhile, one after the other: in the time for it all of `offered` would pass, too.
    private static let others = (count: 12, bytes: 8 << 20)
    private static let piece = [UInt8](repeating: 7, count: 128 << 10)

    /// Lets a client ask for all of `offered` and read nothing, while others read.
    private func hold(
        _ gateway: GatewayUnderTest,
        slow: (TestConnection) async throws -> Void,
        other: (TestConnection) async throws -> Void,
        sent: () -> Int
    ) async throws {
        try await TestConnection.open(port: gateway.port, receiveBuffer: 4096) { client in
            try await slow(client)
            #expect(try await client.head().status == 200)
            for _ in 0..<Self.others.count {
                try await TestConnection.open(port: gateway.port) { connection in
                    try await other(connection)
                    #expect(try await connection.head().status == 200)
                    #expect(try await connection.bytes().readableBytes == Self.others.bytes)
                }
            }
            #expect(sent() > 0)
            #expect(sent() <= Self.mostInFlight)
        }
        // The slow client has left, and its call with it.
        try await eventually { gateway.service.openRequestCount == 0 }
        #expect(sent() < Self.offered)
    }

    @Test func speechOverWebSocketWaitsForItsClient() async throws {
        let sent = Atomic<Int>(0)
        let upstream = SocketUpstream { peer in
            let isSlow = try await peer.accept().joined().contains("slowly")
            for _ in 0..<(isSlow ? Self.offered : Self.others.bytes) / Self.piece.count {
                try await peer.writeThrough(audio: Self.piece)
                if isSlow { sent.add(Self.piece.count, ordering: .relaxed) }
            }
            try await peer.finish()
        }
        @Sendable func request(_ text: String) -> String {
            #"{"model":"cosyvoice-v1","input":"\#(text)","response_format":"mp3"}"#
        }
        try await GatewayUnderTest.run(upstream: upstream, workers: 1) { gateway in
            try await hold(
                gateway,
                slow: { try await $0.sendJSON(request("slowly"), to: "/v1/audio/speech") },
                other: { try await $0.sendJSON(request("quickly"), to: "/v1/audio/speech") },
                sent: { sent.load(ordering: .relaxed) }
            )
        }
    }

    @Test func aVideoWaitsForItsClient() async throws {
        let sent = Atomic<Int>(0)
        let emulator = DashScopeEmulator()
        let upstream = ScriptedUpstream { request, writer in
            guard request.path.hasSuffix(".mp4") else { return try await emulator.respond(to: request, writer: writer) }
            // The one who reads quickly asks for a part.
            let isSlow = request.headers.first(name: "range") == nil
            let length = isSlow ? Self.offered : Self.others.bytes
            try await writer.start(
                status: 200,
                headers: [("Content-Type", "video/mp4"), ("Content-Length", "\(length)")]
            )
            for _ in 0..<length / Self.piece.count {
                try await writer.write(ByteBuffer(bytes: Self.piece))
                if isSlow { sent.add(Self.piece.count, ordering: .relaxed) }
            }
            try await writer.finish()
        }
        try await GatewayUnderTest.run(
            upstream: upstream,
            workers: 1,
            configure: {
                $0.tasks.answerAge = .zero
                $0.tasks.pollsPerSecond = 10_000
            }
        ) { gateway in
            let path = try await TestConnection.open(port: gateway.port) { client in
                try await client.sendJSON(#"{"model":"wan2.6-t2v","prompt":"a cat"}"#, to: "/v1/videos")
                let body = Data(try await client.response().body.utf8)
                let video = try JSONSerialization.jsonObject(with: body) as? [String: Any]
                let path = "/v1/videos/\(try #require(video?["id"] as? String))"
                var answer = ""
                while !answer.contains(#""status":"completed""#) {
                    try await client.ask("GET", path)
                    answer = try await client.response().body
                }
                return path + "/content"
            }
            try await hold(
                gateway,
                slow: { try await $0.ask("GET", path) },
                other: {
                    try await $0.send(
                        "GET \(path) HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer sk-test\r\nRange: bytes=0-\r\n\r\n"
                    )
                },
                sent: { sent.load(ordering: .relaxed) }
            )
        }
    }
}
