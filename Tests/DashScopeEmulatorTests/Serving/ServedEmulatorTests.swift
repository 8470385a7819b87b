import DashScopeEmulator
import HTTPServing
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

/// The emulator on a real socket.
struct ServedEmulatorTests {
    private let group = MultiThreadedEventLoopGroup.singleton

    private func withServer(
        textPatience: Duration = .seconds(23),
        _ body: (Int) async throws -> Void
    ) async throws {
        let configuration = EmulatorConfiguration(eventDelay: .zero, textPatience: textPatience)
        let emulator = DashScopeEmulator(configuration: configuration)
        // On a busy machine a test may wait long between its connection and its request.
        let settings = HTTPServerConfiguration(headerTimeout: .minutes(15))
        let server = try await HTTPServer.start(settings, group: group, responder: emulator)
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

    private func upgrade(_ path: String, key: String = "sk-test", version: Int = 13) -> String {
        "GET \(path) HTTP/1.1\r\nHost: a\r\nAuthorization: bearer \(key)\r\nConnection: keep-alive, Upgrade\r\n"
            + "Upgrade: websocket\r\nSec-WebSocket-Version: \(version)\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    }

    /// A short text in a frame whose mask changes nothing.
    private func frame(_ text: String) -> String {
        let length = text.utf8.count
        let head: [UInt8] = [0x81, 0x80 | 126, UInt8(length >> 8), UInt8(length & 0xFF), 0, 0, 0, 0]
        // Bytes above 0x7F are no text of their own, so they are written as Latin-1 by ``raw``.
        return String(head.map { Character(UnicodeScalar($0)) }) + text
    }

    /// Sends the characters as bytes and reads until `enough` says so, or the server closes.
    private func raw(port: Int, _ pieces: [String], until enough: (String) -> Bool) async throws -> String {
        try await connect(port: port).executeThenClose { inbound, outbound in
            for piece in pieces {
                try await outbound.write(ByteBuffer(bytes: piece.unicodeScalars.map { UInt8($0.value) }))
            }
            var text = ""
            for try await buffer in inbound {
                text += buffer.readableBytesView.map { String(UnicodeScalar($0)) }.joined()
                if enough(text) { break }
            }
            return text
        }
    }

    @Test
    func aConnectionOverWebSocketIsAcceptedOrRefused() async throws {
        try await withServer { port in
            let accepted = try await raw(port: port, [upgrade("/api-ws/v1/realtime?model=qwen-tts-realtime")]) {
                $0.contains("session.created")
            }
            #expect(accepted.hasPrefix("HTTP/1.1 101 "))
            // The example of RFC 6455, 1.3.
            #expect(accepted.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"))
            let refusals = [
                (upgrade("/api-ws/v1/inference/", key: "sk-invalid"), "401"),
                (upgrade("/api-ws/v1/inference", version: 8), "400"),
                (upgrade("/api-ws/v1/realtime?model=qwen-tts-realtime-emulator-throttled"), "429"),
            ]
            for (request, status) in refusals {
                let refused = try await raw(port: port, [request]) { $0.contains("}") }
                #expect(refused.hasPrefix("HTTP/1.1 \(status) "), "\(refused)")
            }
        }
    }

    @Test
    func aTaskThatIsLateIsEnded() async throws {
        try await withServer(textPatience: .milliseconds(10)) { port in
            let id = String(repeating: "a", count: 32)
            let order =
                #"{"header":{"action":"run-task","task_id":"\#(id)","streaming":"duplex"},"payload":{"task_group":"audio","#
                + #""task":"tts","function":"SpeechSynthesizer","model":"cosyvoice-v1","parameters":{"voice":"longwan"},"#
                + #""input":{}}}"#
            let seen = try await raw(port: port, [upgrade("/api-ws/v1/inference/"), frame(order)]) { _ in false }
            #expect(seen.contains("task-started"))
            #expect(seen.contains("request timeout after"))
        }
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
