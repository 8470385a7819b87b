@testable import DashScopeEmulator
import Testing

/// Speech by tasks over WebSocket.
struct SpeechTaskTests {
    private static let id = "2bf83b9a-baeb-4fda-8d9a-0a1b2c3d4e5f"

    private func message(_ action: String, _ payload: JSON, streaming: String = "duplex", id: String = id) -> JSON {
        [
            "header": ["action": .string(action), "task_id": .string(id), "streaming": .string(streaming)],
            "payload": payload,
        ]
    }

    private func order(_ model: String, _ parameters: JSON, input: JSON = [:]) -> JSON {
        [
            "task_group": "audio", "task": "tts", "function": "SpeechSynthesizer", "model": .string(model),
            "parameters": parameters, "input": input,
        ]
    }

    private func run(_ model: String = "cosyvoice-v3-flash", _ parameters: JSON = ["voice": "longanyang"]) -> SocketRun
    {
        var run = SocketRun.tasks()
        run.send(message("run-task", order(model, parameters)))
        return run
    }

    private func text(_ text: String) -> JSON { message("continue-task", ["input": ["text": .string(text)]]) }
    private var end: JSON { message("finish-task", ["input": [:]]) }

    /// The same sound over HTTP.
    private func sound(_ text: String, _ format: SpeechOrder.Format, rate: Int, voice: String) throws -> [UInt8] {
        let call = Call(ask: "").with {
            $0.body = [
                "model": "cosyvoice-v3-flash",
                "input": [
                    "text": .string(text), "voice": "longanyang", "format": .string(format.rawValue),
                    "sample_rate": .int(rate),
                ],
            ]
        }
        let request = OperationRequest(
            call.request,
            body: call.body,
            name: "cosyvoice-v3-flash",
            requestID: "r",
            journal: RequestJournal(configuration: EmulatorConfiguration())
        )
        var order = try SpeechOrder(request, profile: try #require(SpeechProfile.named("cosyvoice-v3-flash")))
        order.voice = voice
        return SoundFile(order).stream()
    }

    @Test(arguments: SpeechOrder.Format.allCases)
    func sentencesAreSpokenAsTheyComeAndAreOneFile(format: SpeechOrder.Format) throws {
        var run = run("cosyvoice-v3-flash", ["voice": "longanyang", "format": .string(format.rawValue)])
        #expect(run.names == ["task-started"])
        run.send(text("One. Tw"))
        #expect(format == .opus || !run.audio.isEmpty)
        run.send(text("o."))
        run.send(text(" And the rest"))
        run.send(end)
        #expect(run.names.last == "task-finished")
        #expect(run.audio == (try sound("One. Two. And the rest", format, rate: 22_050, voice: "longanyang")))
        let ends = run.events.filter { $0["payload"]?["output"]?["type"] == "sentence-end" }
        #expect(
            ends.compactMap { $0["payload"]?["output"]?["original_text"]?.string } == [
                "One.", " Two.", " And the rest",
            ]
        )
        #expect(ends.compactMap { $0["payload"]?["usage"]?["characters"]?.int } == [4, 9, 22])
        #expect(run.events.last?["payload"]?["usage"]?["characters"] == 22)
    }

    @Test func aConnectionTakesOneTaskAfterTheOther() {
        var run = run()
        run.send(text("Hello"))
        run.send(end)
        run.send(
            message(
                "run-task",
                order("cosyvoice-v1", ["voice": "longxiaochun"]),
                id: "0123456789abcdef0123456789abcdef"
            )
        )
        #expect(run.names.suffix(2) == ["task-finished", "task-started"])
        #expect(!run.isClosed)
    }

    @Test func theFirstModelTellsNothingOfItsSentences() {
        var run = run("cosyvoice-v1", ["voice": "longxiaochun", "format": "pcm"])
        run.send(text("Hello"))
        run.send(end)
        #expect(!run.events.contains { $0["payload"]?["output"]?["type"] != nil })
        #expect(run.audio.count == 2 * 22_050 / 2)
    }

    @Test func sambertIsToldItsTextAtOnce() throws {
        var run = SocketRun.tasks()
        let order = order("sambert-zhichu-v1", ["text_type": "PlainText"], input: ["text": "Hello"])
        run.send(message("run-task", order, streaming: "out"))
        #expect(run.names.first == "task-started")
        #expect(run.names.last == "task-finished")
        #expect(run.audio == (try sound("Hello", .wav, rate: 16_000, voice: "sambert-zhichu-v1")))
        let last = try #require(run.events.last?["payload"])
        #expect(last["output"]?.isNull == true)
        #expect(last["usage"]?["characters"] == 5)
    }

    @Test func whatTheSDKLeavesToTheServiceIsTaken() {
        let run = run(
            "cosyvoice-v2",
            ["voice": "longxiaochun_v2", "format": "Default", "sample_rate": 0, "type": 0, "seed": 0]
        )
        #expect(run.names == ["task-started"])
    }

    // MARK: - Refusals

    @Test(
        arguments: [
            ("gpt-4o", ["voice": "longanyang"], "ModelNotFound", "Model can not be found."),
            ("qwen3-tts-flash", ["voice": "Cherry"], "InvalidParameter", "url error"),
            (
                "cosyvoice-v3-flash", ["voice": "longxiaochun"], "InvalidParameter",
                "[tts:]Engine return error code: 418"
            ),
            ("cosyvoice-v1", [:], "InvalidParameter", "Request voice is invalid!"),
            ("cosyvoice-v1", ["voice": "longwan", "instruction": "x"], "InvalidParameter", "error code: 428"),
            ("cosyvoice-v3-flash", ["voice": "longanyang", "rate": 3], "InvalidParameter", "rate"),
            ("sambert-zhichu-v1", [:], "InvalidParameter", "streaming"),
            ("cosyvoice-v3-flash-emulator-throttled", [:], "Throttling.RateQuota", "rate limit"),
        ] as [(String, JSON, String, String)]
    )
    func orders(model: String, parameters: JSON, code: String, message: String) {
        let run = run(model, parameters)
        #expect(run.names == ["task-failed"])
        #expect(run.failure.first == code)
        #expect((run.failure.last ?? "")?.contains(message) == true, "\(run.failure)")
        #expect(run.isClosed)
    }

    @Test func instructionsMustFollowTheProtocol() {
        let order = order("cosyvoice-v3-flash", ["voice": "longanyang"])
        let cases: [(JSON, String)] = [
            (["header": ["action": "run-task"], "payload": order], "header.task_id"),
            (message("run-task", order, id: "mine"), "header.task_id"),
            (message("run-task", ["model": "cosyvoice-v2", "task_group": "audio"]), "payload.input"),
            (message("run-task", ["model": "cosyvoice-v2", "input": [:]]), "task can not be null"),
            (message("continue-task", ["input": ["text": "a"]]), "no task is running"),
            (message("finish-task", ["input": [:]]), "no task is running"),
            (message("stop-task", ["input": [:]]), "stop-task"),
            ("text", "header"),
        ]
        for (message, words) in cases {
            var run = SocketRun.tasks()
            run.send(message)
            #expect(run.failure.first == "InvalidParameter")
            #expect((run.failure.last ?? "")?.contains(words) == true, "\(run.failure)")
            #expect(run.isClosed)
        }
    }

    @Test func aTaskThatRunsRefusesWhatDoesNotFit() {
        let long = String(repeating: "a", count: 20_001)
        let cases: [(JSON, String)] = [
            (message("run-task", order("cosyvoice-v2", [:])), "a task is running"),
            (message("continue-task", ["input": ["text": "a"]], id: String(repeating: "a", count: 32)), "another task"),
            (message("continue-task", ["input": [:]]), "payload.input.text"),
            (text(long), "Range of input length should be [0, 20000]"), (end, "Please ensure input text is valid."),
        ]
        for (message, words) in cases {
            var run = run()
            run.send(message)
            #expect((run.failure.last ?? "")?.contains(words) == true, "\(run.failure)")
        }
        var binary = run()
        binary.send(.binary([1]))
        #expect(binary.failure.first == "InvalidParameter")
        var markup = run("cosyvoice-v3-flash", ["voice": "longanyang", "enable_ssml": true])
        markup.send(text("a"))
        markup.send(text("b"))
        #expect(markup.failure.last == "Text request limit violated, expected 1.")
        var whole = run()
        for _ in 0..<11 { whole.send(text(String(repeating: "a", count: 20_000))) }
        #expect(whole.isClosed)
    }

    @Test func aTextIsWaitedForSoLong() {
        var run = run()
        #expect(run.patience == .seconds(23))
        run.wait()
        #expect(run.failure == ["InvalidParameter", "request timeout after 23 seconds."])
        #expect(SocketRun.tasks().patience == nil)
    }

    @Test(arguments: ["breaks-mid-stream", "silent-mid-stream", "moderates-mid-stream", "ends-early"])
    func faultsBreakWhatIsSaid(fault: String) {
        var run = run("cosyvoice-v3-flash-emulator-\(fault)", ["voice": "longanyang", "format": "pcm"])
        run.send(text("Hello there. "))
        run.send(end)
        #expect(!run.audio.isEmpty)
        #expect(!run.names.contains("task-finished"))
        #expect(run.isClosed == (fault != "silent-mid-stream"))
    }
}
