import DashScopeEmulator
import HTTPServing
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

/// The emulator on a real socket.
struct ServedEmulatorTests {
    private let group = MultiThreadedEventLoopGroup.singleton

    private func withServer(_ body: (Int) async throws -> Void) async throws {
        let emulator = DashScopeEmulator(configuration: EmulatorConfiguration(eventDelay: .zero))
        // On a busy machine a test may wait long between its connection and its request.
        let configuration = HTTPServerConfiguration(headerTimeout: .minutes(15))
        let server = try await HTTPServer.start(configuration, group: group, responder: emulator)
        do {
            try await body(server.port)
        } catch {
            await server.shutdown(drain: .zero)
            throw error
        }
        await server.shutdown(drain: .zero)
    }

    private func connect(port: Int) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        try await ClientBootstrap(group: group).connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
    }

    /// Sends a request and reads until the server closes or `enough` says so.
    private func exchange(port: Int, _ request: String, until enough: (String) -> Bool = { _ in false }) async throws
        -> String
    {
        try await connect(port: port).executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: request))
            var text = ""
            for try await buffer in inbound {
                text += String(buffer: buffer)
                if enough(text) { break }
            }
            return text
        }
    }

    private func chat(model: String, headers: String = "") -> String {
        let body =
            "{\"model\":\"\(model)\",\"input\":{\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]},"
            + "\"parameters\":{\"result_format\":\"message\",\"incremental_output\":true}}"
        return "POST /api/v1/services/aigc/text-generation/generation HTTP/1.1\r\nHost: a\r\n"
            + "Authorization: Bearer sk-test\r\nContent-Type: application/json\r\nConnection: close\r\n\(headers)"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private func get(_ path: String) -> String { "GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" }

    @Test
    func aWholeAnswerAndItsRecord() async throws {
        try await withServer { port in
            let answer = try await exchange(port: port, chat(model: "qwen-plus"))
            #expect(answer.hasPrefix("HTTP/1.1 200"))
            #expect(answer.contains("Echo: Hi"))
            let requests = try await exchange(port: port, get("/__emulator/requests"))
            #expect(requests.contains("\"content-type\":\"application/json\""))
            #expect(!requests.contains("sk-test"))
        }
    }

    @Test
    func aStreamEndsCleanly() async throws {
        try await withServer { port in
            let stream = try await exchange(
                port: port,
                chat(model: "qwen-plus", headers: "X-DashScope-SSE: enable\r\n")
            )
            #expect(stream.contains("\"finish_reason\":\"stop\""))
            #expect(stream.hasSuffix("0\r\n\r\n"))
            let statistics = try await exchange(port: port, get("/__emulator/stats"))
            #expect(statistics.contains("\"streams_finished\":1"))
        }
    }

    @Test
    func aBrokenStreamHasNoEnd() async throws {
        try await withServer { port in
            let request = chat(model: "emulator-breaks-mid-stream", headers: "X-DashScope-SSE: enable\r\n")
            let stream = try await exchange(port: port, request)
            #expect(stream.contains("event:result"))
            #expect(!stream.hasSuffix("0\r\n\r\n"))
        }
    }

    @Test
    func openStreamsFallWhenThePeerLeaves() async throws {
        try await withServer { port in
            let request = chat(model: "emulator-silent-mid-stream", headers: "X-DashScope-SSE: enable\r\n")
            _ = try await exchange(port: port, request) { $0.contains("event:result") }
            var statistics = ""
            // Every look is a round trip; the emulator needs a few to see that the peer has left.
            for _ in 0..<2_000 {
                statistics = try await exchange(port: port, get("/__emulator/stats"))
                if statistics.contains("\"open_streams\":0") { break }
            }
            #expect(statistics.contains("\"open_streams\":0"))
            #expect(statistics.contains("\"aborted_by_peer\":1"))
        }
    }
}
