import DashScopeEmulator
import Foundation
import HTTPServing
import NIOCore
import NIOHTTP1
import Synchronization
import Telemetry
import Testing
import Upstream
import WireFormats

@testable import Gateway

/// `POST /v1/audio/speech` with models that speak over WebSocket, from the client to upstream and back.
@Suite(.timeLimit(.minutes(15)))
struct SpeechSessionTests {
    private static let path = "/v1/audio/speech"
    private static let emulator = DashScopeEmulator(
        configuration: EmulatorConfiguration(eventDelay: .zero, slowEventDelay: .milliseconds(20))
    )
    /// One model of each kind.
    private static let models = ["cosyvoice-v1", "sambert-zhichu-v1", "qwen3-tts-flash-realtime", "qwen-tts-realtime"]

    private struct Answer {
        var head: UpstreamResponseHead
        var bytes: [UInt8]

        var status: Int { head.status }
        var text: String { String(decoding: bytes, as: UTF8.self) }

        var error: [String: Any] {
            (try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])?["error"] as? [String: Any] ?? [:]
        }

        var events: [[String: Any]] {
            text.split(separator: "\n").filter { $0.hasPrefix("data: ") }.compactMap {
                try? JSONSerialization.jsonObject(with: Data($0.utf8.dropFirst(6))) as? [String: Any]
            }
        }

        var audio: [UInt8] {
            events.flatMap { event -> [UInt8] in
                (event["audio"] as? String).flatMap { Data(base64Encoded: $0) }.map(Array.init) ?? []
            }
        }
    }

    private func ask(
        _ json: String,
        upstream: any HTTPResponding = SpeechSessionTests.emulator,
        key: String = "sk-test",
        configure: (inout GatewayConfiguration) -> Void = { _ in }
    ) async throws -> Answer {
        try await Self.run(upstream, configure: configure) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendJSON(json, to: Self.path, key: key)
                let head = try await client.head()
                return Answer(head: head, bytes: Array(try await client.bytes().readableBytesView))
            }
        }
    }

    private static func run<Result>(
        _ upstream: any HTTPResponding,
        configure: (inout GatewayConfiguration) -> Void = { _ in },
        _ body: (GatewayUnderTest) async throws -> Result
    ) async throws -> Result {
        try await GatewayUnderTest.run(
            upstream: upstream,
            configure: {
                // It bounds the handshake, too, which a busy machine may answer late.
                $0.upstream.connectTimeout = .minutes(15)
                configure(&$0)
            },
            body
        )
    }

    private func samples(_ file: [UInt8]) throws -> (format: WaveFormat?, bytes: [UInt8]) {
        var reader = WaveReader(trustsLength: true)
        var output = ByteBuffer()
        try reader.append(ByteBuffer(bytes: file), into: &output)
        try reader.finish(into: &output)
        return (reader.format, Array(output.readableBytesView))
    }

    // MARK: - Success

    @Test(arguments: models)
    func aWAVFileIsAsLongAsItSays(model: String) async throws {
        let answer = try await ask(#"{"model":"\#(model)","input":"Hello there","response_format":"wav"}"#)
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer.head.first("content-type") == "audio/wav")
        #expect(answer.head.first("content-length") == "\(answer.bytes.count)")
        let (format, samples) = try samples(answer.bytes)
        let rate = model.hasPrefix("qwen") ? 24_000 : model.hasPrefix("sambert") ? 16_000 : 22_050
        #expect(format == WaveFormat(rate: UInt32(rate)))
        #expect(abs(samples.count - 2 * rate * 11 / 10) <= 2)
        #expect(answer.bytes.count == 44 + samples.count)
        #expect(answer.head.first("x-request-id")?.isEmpty == false)
    }

    @Test(arguments: models)
    func samplesAreThoseOfTheFileAndEventsHoldThem(model: String) async throws {
        let request = #"{"model":"\#(model)","input":"One. Two. Three","sample_rate":\#(24_000)"#
        // Which a model with one rate is not told.
        let wav = try await ask(request + #","response_format":"wav"}"#)
        let pcm = try await ask(request + #","response_format":"pcm"}"#)
        #expect(pcm.head.first("content-type") == "audio/pcm")
        #expect(pcm.bytes == (try samples(wav.bytes).bytes))
        let stream = try await ask(request + #","response_format":"pcm","stream_format":"sse"}"#)
        #expect(stream.audio == pcm.bytes)
        let usage = try #require(stream.events.last?["usage"] as? [String: Any])
        if model == "qwen-tts-realtime" {
            #expect((usage["output_tokens"] as? Int ?? 0) > 0)
        } else {
            #expect(usage["characters"] as? Int == 15)
        }
    }

    @Test(arguments: ["cosyvoice-v1", "sambert-zhichu-v1", "qwen3-tts-flash-realtime"])
    func mp3IsUsual(model: String) async throws {
        let answer = try await ask(#"{"model":"\#(model)","input":"Hello","speed":1.5,"voice":"nova"}"#)
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer.head.first("content-type") == "audio/mpeg")
        #expect(answer.bytes.starts(with: [0xFF, 0xF3]))
        #expect(answer.bytes.count % 208 == 0)
    }

    @Test func aLongTextIsOneSessionAndOneFile() async throws {
        // Two pieces for the first model.
        let text = String(repeating: "This sentence is spoken in one breath. ", count: 18)
        for model in ["qwen3-tts-flash-realtime", "cosyvoice-v1"] {
            let answer = try await ask(#"{"model":"\#(model)","input":"\#(text)","response_format":"pcm"}"#)
            #expect(answer.status == 200)
            // Of the blanks only the last may be missing.
            #expect(abs(answer.bytes.count - 4_800 * text.count) <= 4_800)
        }
    }

    @Test func nothingOfTheKeyButTheHandshakeHoldsIt() async throws {
        let messages = Mutex<[String]>([])
        let upstream = SocketUpstream { peer in
            let all = try await peer.accept()
            messages.withLock { $0 = all }
            try await peer.audio([1, 2])
            try await peer.finish()
        }
        let answer = try await ask(
            #"{"model":"cosyvoice-v1","input":"Hello","speed":2,"volume":30,"pitch":1.1,"response_format":"pcm"}"#,
            upstream: upstream,
            key: "sk-my-secret"
        ) { $0.upstream.workspace = "ws-1" }
        #expect(answer.bytes == [1, 2])
        let request = try #require(upstream.requests.first)
        #expect(request.target == "/api-ws/v1/inference")
        #expect(request.headers.first(name: "Authorization") == "Bearer sk-my-secret")
        #expect(request.headers.first(name: "X-DashScope-WorkSpace") == "ws-1")
        let sent = messages.withLock { $0 }
        #expect(sent.count == 3)
        #expect(!sent.joined().contains("secret"))
        #expect(
            sent[0].contains(
                #""parameters":{"voice":"longxiaochun","format":"pcm","sample_rate":24000,"rate":2,"text_type":"PlainText","volume":30,"pitch":1.1},"input":{}}"#
            ),
            "\(sent[0])"
        )
        let ids = try sent.map { message in
            let object = try JSONSerialization.jsonObject(with: Data(message.utf8)) as? [String: Any]
            return (object?["header"] as? [String: Any])?["task_id"] as? String ?? ""
        }
        #expect(Set(ids).count == 1)
        #expect(ids[0].count == 32)
        #expect(answer.head.first("x-request-id") == ids[0])
    }

    @Test func aSessionUsesTLSAndTheProxy() async throws {
        let authority = FileManager.default.temporaryDirectory.appending(path: "authority-\(UUID().uuidString).pem")
        try Data(TestCertificate.certificate.utf8).write(to: authority)
        defer { try? FileManager.default.removeItem(at: authority) }
        let proxy = TunnelProxy(.tunnel)
        let tls = try TestCertificate.serverContext()
        for isProxied in [false, true] {
            try await proxy.run { port in
                try await GatewayUnderTest.run(
                    upstream: Self.emulator,
                    configure: {
                        $0.upstream.certificateAuthority = authority.path
                        $0.upstream.connectTimeout = .minutes(15)
                        if isProxied { $0.upstream.proxies.secure = "http://user:pass@127.0.0.1:\(port)" }
                    },
                    upstreamTLS: tls
                ) { gateway in
                    try await TestConnection.open(port: gateway.port) { client in
                        try await client.sendJSON(#"{"model":"cosyvoice-v1","input":"Hello"}"#, to: Self.path)
                        #expect(try await client.head().status == 200)
                        #expect(try await client.bytes().readableBytes > 0)
                    }
                }
            }
        }
        #expect(proxy.requests.count == 1)
    }

    @Test func connectionsAreGivenBack() async throws {
        try await GatewayUnderTest.run(
            upstream: Self.emulator,
            workers: 1,
            configure: {
                $0.upstream.connectTimeout = .minutes(15)
                $0.upstream.maximumConnections = 1
            }
        ) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                for fault in ["", "-emulator-throttled", "-emulator-moderates-mid-stream", ""] {
                    let request = #"{"model":"sambert-zhichu-v1\#(fault)","input":"Hello","response_format":"wav"}"#
                    var status = 503
                    // The end of the session before may be on its way.
                    while status == 503 {
                        try await client.sendJSON(request, to: Self.path)
                        status = try await client.head().status
                        _ = try await client.bytes()
                    }
                    #expect(status == (fault.isEmpty ? 200 : fault.hasSuffix("throttled") ? 429 : 400))
                }
            }
        }
    }

    // MARK: - While it is made

    @Test func audioLeavesAsItIsMade() async throws {
        let isSeen = Signal()
        let upstream = SocketUpstream { peer in
            _ = try await peer.accept()
            try await peer.audio([1, 2, 3])
            await isSeen.wait()
            try await peer.audio([4, 5, 6])
            try await peer.finish()
        }
        try await Self.run(upstream) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendJSON(#"{"model":"cosyvoice-v1","input":"Hello"}"#, to: Self.path)
                #expect(try await client.head().status == 200)
                #expect(try await client.piece() == "\u{1}\u{2}\u{3}")
                isSeen.fire()
                #expect(try await client.piece() == "\u{4}\u{5}\u{6}")
                #expect(try await client.piece() == nil)
            }
        }
    }

    @Test func aClientThatLeavesClosesTheSession() async throws {
        let isClosed = Signal()
        let upstream = SocketUpstream { peer in
            _ = try await peer.accept()
            try await peer.audio([1, 2, 3])
            // Cut, or ended: there is no further message.
            while (try? await peer.next()) ?? nil != nil {}
            isClosed.fire()
        }
        try await Self.run(upstream) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendJSON(#"{"model":"cosyvoice-v1","input":"Hello"}"#, to: Self.path)
                _ = try await client.head()
                _ = try await client.piece()
            }
            await isClosed.wait()
            try await eventually { gateway.service.openRequestCount == 0 }
        }
    }

    @Test func aSlowReaderGetsEverything() async throws {
        let (pieces, size) = (100, 100_000)
        let upstream = SocketUpstream { peer in
            _ = try await peer.accept()
            for piece in 0..<pieces {
                try await peer.audio(Array(repeating: UInt8(piece % 251), count: size))
            }
            try await peer.finish()
        }
        try await Self.run(upstream) { gateway in
            try await TestConnection.open(port: gateway.port, receiveBuffer: 4096) { client in
                try await client.sendJSON(#"{"model":"cosyvoice-v1","input":"Hello"}"#, to: Self.path)
                _ = try await client.head()
                let bytes = try await client.bytes().readableBytesView
                #expect(bytes.count == pieces * size)
                #expect(stride(from: 0, to: bytes.count, by: size).map { Int(bytes[$0]) } == Array(0..<pieces))
            }
        }
    }

    // MARK: - Failures

    @Test func aRefusalBeforeTheFirstByteHasItsStatus() async throws {
        let voice = try await ask(#"{"model":"cosyvoice-v1","input":"Hello","voice":"nobody"}"#)
        #expect(voice.status == 400)
        #expect(voice.error["param"] as? String == "voice")
        #expect(voice.error["upstream_code"] as? String == "InvalidParameter")
        let realtime = try await ask(#"{"model":"qwen3-tts-flash-realtime","input":"Hello","voice":"nobody"}"#)
        #expect(realtime.status == 400)
        #expect(realtime.error["param"] as? String == "voice")
        let throttled = try await ask(#"{"model":"cosyvoice-v1-emulator-throttled","input":"Hello"}"#)
        #expect(throttled.status == 429)
        #expect(throttled.head.first("x-gateway-attempts") == "2")
        let denied = try await ask(#"{"model":"qwen3-tts-flash-realtime-emulator-access-denied","input":"Hello"}"#)
        #expect(denied.status == 403)
        let closed = try await ask(#"{"model":"qwen3-tts-flash-realtime-emulator-200-code","input":"Hello"}"#)
        #expect(closed.status == 500)
        #expect(closed.error["message"] as? String == "inference internal error")
        let text = try await ask(#"{"model":"sambert-zhichu-v1-emulator-not-json","input":"Hello"}"#)
        #expect(text.status == 502)
        let local = try await ask(#"{"model":"qwen-tts-realtime","input":"Hello","response_format":"mp3"}"#)
        #expect(local.status == 400)
        #expect(local.error["param"] as? String == "response_format")
    }

    @Test(arguments: [(401, "invalid_api_key"), (403, "access_denied"), (429, "rate_limit_exceeded")])
    func aHandshakeThatIsRefusedKeepsItsMeaning(status: Int, code: String) async throws {
        let upstream = ScriptedUpstream { _, writer in
            try await writer.json(status, #"{"code":"","message":"no","request_id":"up-1"}"#)
        }
        let answer = try await ask(#"{"model":"cosyvoice-v1","input":"Hello"}"#, upstream: upstream) {
            $0.upstream.retry.maximumAttempts = 1
        }
        #expect(answer.status == status)
        #expect(answer.error["code"] as? String == code)
        #expect(answer.head.first("x-request-id") == "up-1")
    }

    @Test func aHostThatDoesNotSpeakWebSocketIsNoAnswer() async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.json(200, "{}") }
        let answer = try await ask(#"{"model":"cosyvoice-v1","input":"Hello"}"#, upstream: upstream)
        #expect(answer.status == 502)
        #expect(answer.error["code"] as? String == "upstream_invalid_response")
    }

    @Test func closesMeanWhatTheySay() async throws {
        for (code, reason, status, name) in [
            (1007, "The requested voice 'x' is not supported.", 400, "invalid_value"),
            (1011, "x", 500, "internal_error"),
            (1000, "", 502, "upstream_closed"), (1001, "bye", 502, "upstream_closed"),
        ] as [(UInt16, String, Int, String)] {
            let upstream = SocketUpstream { peer in
                _ = try await peer.next()
                try await peer.close(code, reason)
                while try await peer.next() != nil {}
            }
            let answer = try await ask(#"{"model":"cosyvoice-v1","input":"Hello"}"#, upstream: upstream) {
                $0.upstream.retry.maximumAttempts = 1
            }
            #expect(answer.status == status, "\(answer.text)")
            #expect(answer.error["code"] as? String == name, "\(answer.text)")
        }
    }

    /// The sizes of the frames of one message, and the settings of a frame and a message.
    @Test(
        arguments: [
            ([1 << 20], nil, nil, true), ([(1 << 20) + 1], nil, nil, false),
            (Array(repeating: 1 << 20, count: 4), nil, nil, true),
            (Array(repeating: 1 << 20, count: 4) + [1], nil, nil, false),
            ([2 << 20], 2 << 20, nil, true), ([2_000], 1_999, nil, false),
            (Array(repeating: 1 << 20, count: 5), nil, 5 << 20, true), ([1_000, 1_001], nil, 2_000, false),
        ] as [([Int], Int?, Int?, Bool)]
    )
    func framesAndMessagesHaveBounds(sizes: [Int], frame: Int?, message: Int?, fits: Bool) async throws {
        let code = Mutex<UInt16?>(nil)
        let upstream = SocketUpstream { peer in
            _ = try await peer.accept()
            try await peer.audio(frames: sizes.map { Array(repeating: 1, count: $0) })
            if fits { return try await peer.finish() }
            let found = try await peer.closeCode()
            code.withLock { $0 = found }
        }
        let answer = try await ask(#"{"model":"cosyvoice-v1","input":"Hello"}"#, upstream: upstream) {
            if let frame { $0.upstream.webSocket.maximumFrameBytes = frame }
            if let message { $0.upstream.webSocket.maximumMessageBytes = message }
        }
        if fits {
            #expect(answer.status == 200)
            #expect(answer.bytes.count == sizes.reduce(0, +))
        } else {
            // Closed from here: nobody's text is at fault.
            #expect(answer.status == 502)
            #expect(answer.error["code"] as? String == "upstream_invalid_response")
            try await eventually { code.withLock { $0 } == 1009 }
        }
    }

    @Test(arguments: ["cosyvoice-v1", "sambert-zhichu-v1", "qwen3-tts-flash-realtime"])
    func aThrottledSessionIsOpenedAgain(model: String) async throws {
        let answer = try await ask(#"{"model":"\#(model)-emulator-first-1-throttled","input":"Hello \#(model)"}"#)
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer.head.first("x-gateway-attempts") == "2")
    }

    @Test(arguments: ["breaks-mid-stream", "moderates-mid-stream", "ends-early"])
    func audioThatFailsIsCut(fault: String) async throws {
        try await Self.run(Self.emulator) { gateway in
            for model in ["cosyvoice-v1", "sambert-zhichu-v1", "qwen3-tts-flash-realtime"] {
                try await TestConnection.open(port: gateway.port) { client in
                    let request = #"{"model":"\#(model)-emulator-\#(fault)","input":"Hello Hello Hello Hello"}"#
                    try await client.sendJSON(request, to: Self.path)
                    #expect(try await client.head().status == 200)
                    // The last chunk is missing.
                    await #expect(throws: (any Error).self) { _ = try await client.bytes() }
                }
            }
        }
    }

    @Test(arguments: ["breaks-mid-stream", "moderates-mid-stream", "ends-early"])
    func eventsThatFailEndWithTheError(fault: String) async throws {
        let answer = try await ask(
            #"{"model":"cosyvoice-v1-emulator-\#(fault)","input":"Hello Hello Hello Hello","stream_format":"sse"}"#
        )
        #expect(answer.status == 200)
        #expect(!answer.audio.isEmpty)
        #expect(answer.events.last?["error"] != nil)
        #expect(!answer.text.contains("speech.audio.done"))
    }

    @Test(arguments: ["silent", "silent-mid-stream"])
    func silenceHasATimeLimit(fault: String) async throws {
        let answer = try await ask(
            #"{"model":"cosyvoice-v1-emulator-\#(fault)","input":"Hello Hello Hello","response_format":"wav"}"#
        ) {
            $0.upstream.firstEventTimeout = .milliseconds(200)
            $0.upstream.idleTimeout = .milliseconds(200)
        }
        #expect(answer.status == 504)
        #expect(answer.error["code"] as? String == "timeout")
    }

    @Test func anUnreachableHostIsAGatewayError() async throws {
        let answer = try await ask(#"{"model":"cosyvoice-v1","input":"Hello"}"#) {
            $0.upstream.baseURL = "http://127.0.0.1:1"
        }
        #expect(answer.status == 502)
    }

    @Test func callsAreCounted() async throws {
        try await Self.run(Self.emulator) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                for model in ["cosyvoice-v1", "cosyvoice-v1-emulator-moderated", "qwen3-tts-flash-realtime"] {
                    try await client.sendJSON(#"{"model":"\#(model)","input":"Hello"}"#, to: Self.path)
                    _ = try await client.head()
                    _ = try await client.bytes()
                }
                try await client.ask("GET", "/metrics")
                let metrics = try await client.response().body
                let lines = metrics.split(separator: "\n").filter {
                    $0.contains("upstream_requests_total") || $0.contains("upstream_calls_total")
                }
                #expect(lines.contains { $0.contains(#"operation="speech-inference""#) }, "\(metrics)")
                #expect(lines.contains { $0.contains(#"operation="speech-realtime""#) })
            }
        }
    }
}
