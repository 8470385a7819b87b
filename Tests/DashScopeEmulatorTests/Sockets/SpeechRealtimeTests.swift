@testable import DashScopeEmulator
import Testing

/// Speech by events over WebSocket.
struct SpeechRealtimeTests {
    private func update(_ session: JSON) -> JSON { ["type": "session.update", "session": session] }
    private func append(_ text: String) -> JSON { ["type": "input_text_buffer.append", "text": .string(text)] }
    private let finish: JSON = ["type": "session.finish"]

    @Test func sentencesAreResponses() throws {
        var run = SocketRun.realtime("qwen3-tts-flash-realtime")
        #expect(run.names == ["session.created"])
        run.send(update(["voice": "Cherry", "mode": "server_commit"]))
        #expect(run.events.last?["session"]?["voice"] == "Cherry")
        run.send(append("One. Tw"))
        run.send(append("o"))
        run.send(finish)
        let response = [
            "input_text_buffer.committed", "response.created", "response.output_item.added",
            "response.content_part.added",
            "response.audio.done", "response.content_part.done", "response.output_item.done", "response.done",
        ]
        #expect(
            run.names.filter { $0 != "response.audio.delta" }
                == ["session.created", "session.updated"] + response + response + ["session.finished"]
        )
        // Samples of 24 kHz, a tenth of a second for each character.
        #expect(run.deltas.count == 4_800 * 8)
        let used = run.events.compactMap { $0["response"]?["usage"]?["characters"]?.int }
        #expect(used == [4, 4])
        #expect(run.isClosed)
    }

    @Test func aCommitMakesOneResponse() {
        var run = SocketRun.realtime("qwen3-tts-instruct-flash-realtime")
        run.send(update(["voice": "Cherry", "mode": "commit", "instructions": "softly", "response_format": "mp3"]))
        run.send(append("One. Two."))
        #expect(run.deltas.isEmpty)
        run.send(["type": "input_text_buffer.commit"])
        #expect(run.names.count { $0 == "response.done" } == 1)
        #expect(run.deltas.starts(with: [0xFF, 0xF3]))
    }

    @Test(
        arguments: [
            ("qwen3-tts-flash-realtime", ["voice": "Nobody"], "The requested voice 'Nobody' is not supported."),
            ("qwen3-tts-flash-realtime", ["voice": "Cherry", "instructions": "x"], "session.instructions"),
            ("qwen3-tts-flash-realtime", ["voice": "Cherry", "speed": 1], "session.speed"),
            ("qwen3-tts-flash-realtime", ["voice": "Cherry", "mode": "x"], "session.mode"),
            ("qwen-tts-realtime", ["voice": "Cherry", "response_format": "mp3"], "format"),
            ("qwen-tts-realtime", ["voice": "Cherry", "sample_rate": 16_000], "sample_rate"),
        ] as [(String, JSON, String)]
    )
    func settingsAreChecked(model: String, settings: JSON, words: String) {
        var run = SocketRun.realtime(model)
        run.send(update(settings))
        #expect(run.names.last == "error")
        #expect(run.failure.first == "invalid_value")
        #expect((run.failure.last ?? "")?.contains(words) == true, "\(run.failure)")
        #expect(!run.isClosed)
    }

    @Test func eventsAreChecked() {
        for event: JSON in [
            ["type": "new"], ["type": "response.cancel"], ["type": "input_text_buffer.commit"], append("a"), "a",
            ["a": 1],
        ] {
            var run = SocketRun.realtime("qwen3-tts-flash-realtime")
            run.send(event)
            #expect(run.names.last == "error", "\(event)")
        }
    }

    @Test func anUnknownModelClosesTheConnection() {
        #expect(
            SocketRun.realtime("qwen3-tts-flash").steps == [.close(code: 1007, reason: "Model can not be found.")]
        )
    }

    @Test(arguments: ["breaks-mid-stream", "silent-mid-stream", "moderates-mid-stream", "ends-early"])
    func faultsBreakWhatIsSaid(fault: String) {
        var run = SocketRun.realtime("qwen3-tts-flash-realtime-emulator-\(fault)")
        run.send(update(["voice": "Cherry"]))
        run.send(append("Hello there. "))
        run.send(finish)
        #expect(!run.deltas.isEmpty)
        #expect(!run.names.contains("session.finished"))
        #expect(run.isClosed == (fault != "silent-mid-stream"))
    }
}
