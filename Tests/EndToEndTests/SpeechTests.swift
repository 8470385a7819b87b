import DashScopeEmulator
import Foundation
import HTTPServing
import NIOCore
import Testing
import Upstream
import WireFormats

@testable import APITranslation
@testable import Gateway

/// `POST /v1/audio/speech` from the client to upstream and back.
@Suite(.timeLimit(.minutes(15)))
struct SpeechTests {
    private static let path = "/v1/audio/speech"

    private struct Answer {
        var head: UpstreamResponseHead
        var bytes: [UInt8]

        var status: Int { head.status }
        var text: String { String(decoding: bytes, as: UTF8.self) }

        var error: [String: Any] {
            (try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])?["error"] as? [String: Any] ?? [:]
        }

        /// The documents of the events of a stream.
        var events: [[String: Any]] {
            text.split(separator: "\n").filter { $0.hasPrefix("data: ") }.compactMap {
                try? JSONSerialization.jsonObject(with: Data($0.utf8.dropFirst(6))) as? [String: Any]
            }
        }

        /// The audio of the events of a stream.
        var audio: [UInt8] {
            events.flatMap { event -> [UInt8] in
                (event["audio"] as? String).flatMap { Data(base64Encoded: $0) }.map(Array.init) ?? []
            }
        }
    }

    private func ask(
        _ json: String,
        upstream: any HTTPResponding = SpeechTests.emulator,
        configure: (inout GatewayConfiguration) -> Void = { _ in }
    ) async throws -> Answer {
        try await GatewayUnderTest.run(upstream: upstream, configure: configure) { gateway in
            try await TestConnection.open(port: gateway.port) { client in try await ask(json, client) }
        }
    }

    private func ask(_ json: String, _ client: TestConnection) async throws -> Answer {
        try await client.sendJSON(json, to: Self.path)
        let head = try await client.head()
        return Answer(head: head, bytes: Array(try await client.bytes().readableBytesView))
    }

    private static let emulator = DashScopeEmulator(
        configuration: EmulatorConfiguration(eventDelay: .zero, slowEventDelay: .milliseconds(20))
    )

    private func samples(_ file: [UInt8]) throws -> (format: WaveFormat?, bytes: [UInt8]) {
        var reader = WaveReader(trustsLength: true)
        var output = ByteBuffer()
        try reader.append(ByteBuffer(bytes: file), into: &output)
        try reader.finish(into: &output)
        return (reader.format, Array(output.readableBytesView))
    }

    // MARK: - Success

    /// The emulator speaks a character in a tenth of a second.
    @Test(arguments: ["qwen3-tts-flash", "qwen-tts", "cosyvoice-v3-flash-emulator-crlf"])
    func aWAVFileIsAsLongAsItSays(model: String) async throws {
        let answer = try await ask(#"{"model":"\#(model)","input":"Hello there","response_format":"wav"}"#)
        #expect(answer.status == 200)
        #expect(answer.head.first("content-type") == "audio/wav")
        #expect(answer.head.first("content-length") == "\(answer.bytes.count)")
        let (format, samples) = try samples(answer.bytes)
        let rate = model.hasPrefix("qwen") ? 24_000 : 22_050
        #expect(format == WaveFormat(rate: UInt32(rate)))
        #expect(abs(samples.count - 2 * rate * 11 / 10) <= 2)
        #expect(answer.bytes.count == 44 + samples.count)
    }

    @Test func everyListedModelSpeaksInEachOfItsFormats() async throws {
        let listed = ModelCatalog().listed.filter { $0.entry.speech != nil }
        #expect(listed.count >= 15)
        try await GatewayUnderTest.run(upstream: Self.emulator) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                for model in listed {
                    guard let traits = model.entry.speech?.values else { continue }
                    let voice = traits.voice ?? "\(model.id)-mine"
                    for format in Set(traits.formats).union(traits.formats.contains(.wav) ? [.pcm] : []) {
                        let members =
                            #""model":"\#(model.id)","input":"Hello","voice":"\#(voice)","speed":1.5,"instructions":"softly""#
                        let request = #"{\#(members),"response_format":"\#(format.rawValue)"}"#
                        let answer = try await ask(request, client)
                        #expect(answer.status == 200, "\(request): \(answer.text)")
                        #expect(answer.head.first("content-type") == "\(format.contentType)")
                        let beginning: [UInt8]? =
                            switch format {
                            case .mp3: [0xFF, 0xF3]
                            case .wav: Array("RIFF".utf8)
                            case .opus: Array("OggS".utf8)
                            default: nil
                            }
                        #expect(beginning.map { answer.bytes.starts(with: $0) } ?? !answer.bytes.isEmpty)
                    }
                }
            }
        }
    }

    @Test func samplesAreThoseOfTheFile() async throws {
        let wav = try await ask(#"{"model":"qwen3-tts-flash","input":"Hello","response_format":"wav"}"#)
        let pcm = try await ask(#"{"model":"qwen3-tts-flash","input":"Hello","response_format":"pcm"}"#)
        #expect(pcm.head.first("content-type") == "audio/pcm")
        #expect(pcm.bytes == (try samples(wav.bytes).bytes))
        #expect(pcm.bytes.count == 24_000)
    }

    @Test func aLongTextIsOneFile() async throws {
        let text = String(repeating: "This sentence is spoken in one breath. ", count: 40)
        let answer = try await ask(#"{"model":"qwen3-tts-flash","input":"\#(text)"}"#)
        #expect(answer.status == 200)
        let (_, samples) = try samples(answer.bytes)
        // Three parts; the blanks between them are not spoken, nor is the last one.
        #expect(abs(samples.count - 4_800 * (text.count - 3)) <= 6)
        #expect(answer.bytes.count == 44 + samples.count)
        #expect(!answer.bytes.dropFirst(44).indices.contains { answer.bytes[$0...].starts(with: "RIFF".utf8) })
    }

    @Test func eventsHoldTheSameAudio() async throws {
        let request = #"{"model":"cosyvoice-v3-flash","input":"Hello","voice":"nova""#
        let whole = try await ask(request + "}")
        let stream = try await ask(request + #","stream_format":"sse"}"#)
        #expect(stream.head.first("content-type") == "text/event-stream; charset=utf-8")
        #expect(stream.audio == whole.bytes)
        let last = try #require(stream.events.last)
        #expect(last["type"] as? String == "speech.audio.done")
        let usage = try #require(last["usage"] as? [String: Any])
        #expect(usage["characters"] as? Int == 5)
        #expect(usage["total_tokens"] as? Int == 0)
        #expect(
            stream.head.first("x-gateway-adjustments")
                == "voice;from=nova;to=longxiaochun_v3;reason=the voice of the model for this name"
        )
    }

    @Test(arguments: ["sse", "audio"])
    func aWAVFileThatLeavesEarlyDoesNotKnowItsLength(stream: String) async throws {
        let answer = try await ask(
            #"{"model":"qwen3-tts-flash","input":"Hello","stream_format":"\#(stream)"}"#
        ) { $0.speech.streamWAV = true }
        let file = stream == "sse" ? answer.audio : answer.bytes
        #expect(file.count == 44 + 24_000)
        #expect(Array(file[4..<8]) == [255, 255, 255, 255])
        #expect(Array(file[40..<44]) == [255, 255, 255, 255])
        #expect(answer.head.first("content-length") == nil)
    }

    @Test func audioBehindALinkIsFetched() async throws {
        for format in ["wav", "mp3", "pcm"] {
            let answer = try await ask(
                #"{"model":"cosyvoice-v3-flash-emulator-link-only","input":"Hello","response_format":"\#(format)"}"#
            )
            #expect(answer.status == 200, "\(answer.text)")
            let plain = try await ask(
                #"{"model":"cosyvoice-v3-flash","input":"Hello","response_format":"\#(format)"}"#
            )
            #expect(answer.bytes == plain.bytes)
        }
    }

    // MARK: - While it is made

    /// One event of a model's stream with audio, or with none at its end.
    private static func event(_ audio: [UInt8]) -> ByteBuffer {
        let data = Data(audio).base64EncodedString()
        let finish = audio.isEmpty ? "stop" : "null"
        return ByteBuffer(
            string: "id:1\nevent:result\n:HTTP_STATUS/200\ndata:{\"output\":{\"audio\":{\"data\":\"\(data)\"},"
                + "\"finish_reason\":\"\(finish)\"},\"usage\":{\"characters\":5},\"request_id\":\"up-1\"}\n\n"
        )
    }

    @Test func audioLeavesAsItIsMade() async throws {
        let isSeen = Signal()
        let upstream = ScriptedUpstream { _, writer in
            try await writer.startEvents()
            try await writer.write(Self.event([1, 2, 3]))
            await isSeen.wait()
            try await writer.write(Self.event([4, 5, 6]))
            try await writer.write(Self.event([]))
            try await writer.finish()
        }
        try await GatewayUnderTest.run(upstream: upstream) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendJSON(#"{"model":"cosyvoice-v3-flash","input":"Hello"}"#, to: Self.path)
                #expect(try await client.head().first("x-request-id") == "up-1")
                #expect(try await client.piece() == "\u{1}\u{2}\u{3}")
                isSeen.fire()
                #expect(try await client.piece() == "\u{4}\u{5}\u{6}")
                #expect(try await client.piece() == nil)
            }
        }
    }

    @Test func partsAreAskedForOneAfterTheOther() async throws {
        let text = String(repeating: "This sentence is spoken in one breath. ", count: 40)
        let upstream = ScriptedUpstream { request, writer in
            let part = String(buffer: request.body).count
            try await writer.startEvents()
            try await writer.write(Self.event([UInt8(part % 251), 0]))
            try await writer.write(Self.event([]))
            try await writer.finish()
        }
        let answer = try await ask(
            #"{"model":"qwen3-tts-flash","input":"\#(text)","response_format":"pcm"}"#,
            upstream: upstream
        )
        #expect(upstream.requests.count == 3)
        #expect(
            answer.bytes == upstream.requests.flatMap { [UInt8(String(buffer: $0.body).count % 251), 0] }
        )
    }

    @Test func aClientThatLeavesEndsTheCall() async throws {
        let isCancelled = Signal()
        let upstream = ScriptedUpstream { _, writer in
            try await writer.startEvents()
            try await writer.write(Self.event([1, 2, 3]))
            do { try await writer.waitForTheCaller() } catch { isCancelled.fire() }
        }
        try await GatewayUnderTest.run(upstream: upstream) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendJSON(#"{"model":"cosyvoice-v3-flash","input":"Hello"}"#, to: Self.path)
                _ = try await client.head()
                _ = try await client.piece()
            }
            await isCancelled.wait()
        }
    }

    // MARK: - Failures

    /// Upstream names a parameter by its path.
    @Test(arguments: [
        ("cosyvoice-v3-flash", #""volume":900"#, "volume"), ("cosyvoice-v3-flash", #""pitch":9"#, "pitch"),
        ("cosyvoice-v3-flash", #""bit_rate":9000"#, "bit_rate"), ("cosyvoice-v3-flash", #""rate":9"#, "rate"),
        ("sambert-zhichu-v1", #""sample_rate":17"#, "sample_rate"),
        ("qwen3-tts-flash-realtime", #""sample_rate":17"#, "sample_rate"),
        ("qwen3-tts-flash-realtime", #""foo":1"#, "foo"),
    ])
    func aRefusalNamesTheCallersField(model: String, members: String, param: String) async throws {
        let answer = try await ask(#"{"model":"\#(model)","input":"Hello",\#(members)}"#)
        #expect(answer.status == 400)
        #expect(answer.error["param"] as? String == param)
    }

    @Test func aRefusalBeforeTheFirstByteHasItsStatus() async throws {
        let voice = try await ask(#"{"model":"qwen3-tts-vc-2026-01-22","input":"Hello","voice":"nobody"}"#)
        #expect(voice.status == 400)
        #expect(voice.error["param"] as? String == "voice")
        #expect(voice.error["upstream_code"] as? String == "InvalidParameter")
        let own = try await ask(#"{"model":"cosyvoice-v3-plus","input":"Hello","voice":"longxiaochun"}"#)
        #expect(own.status == 400)
        #expect(own.error["param"] as? String == "voice")
        let throttled = try await ask(#"{"model":"qwen3-tts-flash-emulator-throttled","input":"Hello"}"#)
        #expect(throttled.status == 429)
        #expect(throttled.head.first("retry-after") != nil)
        let local = try await ask(#"{"model":"qwen3-tts-flash","input":"Hello","response_format":"flac"}"#)
        #expect(local.status == 400)
        #expect(local.error["param"] as? String == "response_format")
    }

    @Test func aThrottledCallIsRepeated() async throws {
        let answer = try await ask(#"{"model":"cosyvoice-v3-flash-emulator-first-1-throttled","input":"Hello"}"#)
        #expect(answer.status == 200)
        #expect(answer.head.first("x-gateway-attempts") == "2")
    }

    @Test(arguments: ["breaks-mid-stream", "moderates-mid-stream", "ends-early"])
    func audioThatFailsIsCut(fault: String) async throws {
        try await GatewayUnderTest.run(upstream: Self.emulator) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                let request = #"{"model":"cosyvoice-v3-flash-emulator-\#(fault)","input":"Hello Hello Hello Hello"}"#
                try await client.sendJSON(request, to: Self.path)
                #expect(try await client.head().status == 200)
                // The last chunk is missing.
                await #expect(throws: (any Error).self) { _ = try await client.bytes() }
            }
        }
    }

    @Test(arguments: ["breaks-mid-stream", "moderates-mid-stream", "ends-early"])
    func eventsThatFailEndWithTheError(fault: String) async throws {
        let answer = try await ask(
            #"{"model":"cosyvoice-v3-flash-emulator-\#(fault)","input":"Hello Hello Hello Hello","stream_format":"sse"}"#
        )
        #expect(answer.status == 200)
        #expect(!answer.audio.isEmpty)
        #expect(answer.text.contains("\n\nevent: error\ndata: {\"error\":"))
        #expect(answer.events.last?["error"] != nil)
        #expect(!answer.text.contains("speech.audio.done"))
    }

    @Test(arguments: ["breaks-mid-stream", "moderates-mid-stream", "ends-early"])
    func aFileThatFailsIsAnError(fault: String) async throws {
        let answer = try await ask(
            #"{"model":"qwen3-tts-flash-emulator-\#(fault)","input":"Hello Hello Hello Hello"}"#
        )
        #expect(answer.status == (fault.hasPrefix("moderates") ? 400 : 502))
        #expect(answer.head.first("content-type") == "application/json")
    }

    @Test func aFailureSaysWhichPart() async throws {
        let text = String(repeating: "This sentence is spoken in one breath. ", count: 40)
        let answer = try await ask(#"{"model":"qwen3-tts-flash-emulator-moderated","input":"\#(text)"}"#)
        #expect(answer.status == 400)
        #expect((answer.error["message"] as? String ?? "").hasPrefix("part 1 of 3 of the input: "))
    }

    @Test func aFileThatIsTooLargeIsRefused() async throws {
        let answer = try await ask(#"{"model":"qwen3-tts-flash","input":"Hello there"}"#) {
            $0.upstream.maximumReplyBytes = 20_000
        }
        #expect(answer.status == 400)
        #expect(answer.error["code"] as? String == "request_too_large")
        #expect(answer.error["param"] as? String == "input")
    }

    @Test func aTextThatIsTooLongIsRefused() async throws {
        let answer = try await ask(#"{"model":"qwen3-tts-flash","input":"Hello there"}"#) {
            $0.speech.maximumCharacters = 10
        }
        #expect(answer.status == 400)
        #expect(answer.error["param"] as? String == "input")
        #expect(answer.error["code"] as? String == "string_above_max_length")
    }
}
