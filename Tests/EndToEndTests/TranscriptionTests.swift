import DashScopeEmulator
import Foundation
import HTTPServing
import NIOCore
import NIOHTTP1
import Testing

@testable import APITranslation
@testable import Gateway

/// `POST /v1/audio/transcriptions` and `/v1/audio/translations` from the client to upstream and back.
@Suite(.timeLimit(.minutes(15)))
struct TranscriptionTests {
    private static let path = "/v1/audio/transcriptions"
    private static let translations = "/v1/audio/translations"

    private func ask(
        _ members: String = "",
        model: String = "paraformer-v2",
        file: String = "https://a.example/good-morning--how-are-you.mp3",
        path: String = path,
        upstream: any HTTPResponding = DashScopeEmulator(),
        configure: (inout GatewayConfiguration) -> Void = { _ in }
    ) async throws -> TestConnection.Response {
        try await GatewayUnderTest.answer(
            to: #"{"model":"\#(model)","file":"\#(file)"\#(members.isEmpty ? "" : "," + members)}"#,
            at: path,
            upstream: upstream,
            configure: {
                $0.tasks.limits.firstPoll = .milliseconds(1)
                $0.tasks.limits.maximumInterval = .milliseconds(5)
                $0.tasks.pollsPerSecond = 10_000
                configure(&$0)
            }
        )
    }

    private func document(_ response: TestConnection.Response) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(response.body.utf8)) as? [String: Any])
    }

    private func error(_ response: TestConnection.Response) throws -> [String: Any] {
        try #require(try document(response)["error"] as? [String: Any])
    }

    private func events(_ response: TestConnection.Response) throws -> [[String: Any]] {
        try response.body.components(separatedBy: "\n\n").filter { $0.hasPrefix("data: {") }
            .map { try #require(try JSONSerialization.jsonObject(with: Data($0.dropFirst(6).utf8)) as? [String: Any]) }
    }

    // MARK: - Transcripts

    @Test func aTaskIsWrittenDown() async throws {
        let response = try await ask()
        #expect(response.status == 200)
        #expect(response.header("content-type") == "application/json")
        #expect((response.header("x-dashscope-task-id") ?? "").utf8.count == 36)
        #expect(response.header("x-gateway-adjustments") == nil)
        let answer = try document(response)
        #expect(answer["text"] as? String == "Good morning. How are you.")
        #expect((answer["usage"] as? [String: Any])?["seconds"] as? Int == 3)
    }

    @Test func aModelThatAnswersAtOnce() async throws {
        let response = try await ask(#""language":"en","prompt":"Names: Ann""#, model: "qwen3-asr-flash")
        #expect(response.status == 200)
        #expect(response.header("x-dashscope-task-id") == nil)
        let answer = try document(response)
        #expect(answer["text"] as? String == "Good morning. How are you.")
        #expect((answer["usage"] as? [String: Any])?["type"] as? String == "duration")
        let annotations = try #require(answer["annotations"] as? [[String: Any]])
        #expect(annotations.first?["language"] as? String == "en")
        let inline = try await ask(model: "qwen3-asr-flash", file: "data:audio/wav;base64,AAAA")
        #expect(try document(inline)["text"] as? String == "A recording of 3 bytes.")
    }

    /// What the gateway makes of a plain request is taken by the other reading of the documentation.
    @Test func everyListedModelIsAsked() async throws {
        let listed = ModelCatalog().listed.filter { ModelCatalog().resolve($0.id).traits.transcription != nil }
        #expect(listed.count >= 13)
        for model in listed {
            let members = #""language":"en","prompt":"p","channel_id":[0],"enable_itn":false,"vocabulary_id":"v""#
            let response = try await ask(members, model: model.id)
            #expect(response.status == 200, "\(model.id): \(response.body)")
            #expect(try document(response)["text"] as? String == "Good morning. How are you.", "\(model.id)")
        }
    }

    @Test func timesComeFromTheModelThatGivesThem() async throws {
        let response = try await ask(
            #""response_format":"verbose_json","timestamp_granularities":["word","segment"]"#,
            model: "qwen3-asr-flash"
        )
        #expect(
            response.header("x-gateway-adjustments")
                == "model;from=qwen3-asr-flash;to=qwen3-asr-flash-filetrans;reason=it gives times"
        )
        let answer = try document(response)
        #expect(answer["language"] as? String == "english")
        let segments = try #require(answer["segments"] as? [[String: Any]])
        #expect(segments.map { $0["start"] as? Double } == [0.1, 1.097])
        let words = try #require(answer["words"] as? [[String: Any]])
        #expect(words.map { $0["word"] as? String } == ["Good", "morning", "How", "are", "you"])
        #expect(words.last?["end"] as? Double == 2.288)
    }

    @Test(arguments: [
        ("text", "text/plain; charset=utf-8", "Good morning. How are you.\n"),
        (
            "srt", "text/plain; charset=utf-8",
            "1\n00:00:00,100 --> 00:00:00,894\nGood morning.\n\n2\n00:00:01,097 --> 00:00:02,288\nHow are you.\n\n"
        ),
        (
            "vtt", "text/vtt; charset=utf-8",
            "WEBVTT\n\n00:00:00.100 --> 00:00:00.894\nGood morning.\n\n00:00:01.097 --> 00:00:02.288\nHow are you.\n\n"
        ),
    ])
    func textsAreNoJSON(format: String, type: String, text: String) async throws {
        let response = try await ask(#""response_format":"\#(format)""#)
        #expect(response.header("content-type") == type)
        #expect(response.body == text)
    }

    @Test func speakersAreTold() async throws {
        let answer = try document(try await ask(#""response_format":"diarized_json""#))
        let segments = try #require(answer["segments"] as? [[String: Any]])
        #expect(segments.map { $0["speaker"] as? String } == ["A", "B"])
        #expect(answer["duration"] as? Double == 2.491)
    }

    @Test(arguments: ["paraformer-v2", "qwen3-asr-flash-filetrans"])
    func silenceIsAnEmptyTranscript(model: String) async throws {
        let response = try await ask(model: model, file: "https://a.example/silence.wav")
        #expect(response.status == 200)
        #expect(try document(response)["text"] as? String == "")
        let failed = try await ask(model: "\(model)-emulator-task-fails-SUCCESS_WITH_NO_VALID_FRAGMENT")
        #expect(try document(failed)["text"] as? String == "")
    }

    // MARK: - Streams

    @Test func textIsStreamedAsItIsHeard() async throws {
        let response = try await ask(#""stream":true"#, model: "qwen3-asr-flash")
        #expect(response.header("content-type") == "text/event-stream; charset=utf-8")
        let events = try events(response)
        let deltas = events.filter { $0["type"] as? String == "transcript.text.delta" }
        #expect(deltas.count > 1)
        #expect(deltas.compactMap { $0["delta"] as? String }.joined() == "Good morning. How are you.")
        #expect(events.last?["type"] as? String == "transcript.text.done")
        #expect(events.last?["text"] as? String == "Good morning. How are you.")
        #expect(events.last?["seconds"] as? Int == 3)
    }

    @Test func aTaskIsStreamedAtItsEnd() async throws {
        let events = try events(try await ask(#""stream":true"#))
        #expect(events.map { $0["type"] as? String } == ["transcript.text.delta", "transcript.text.done"])
        #expect(events.last?["text"] as? String == "Good morning. How are you.")
    }

    /// Nothing of a stream was sent, so that its status can still say what happened.
    @Test func aStreamedTaskThatFailsIsAnError() async throws {
        let response = try await ask(
            #""stream":true"#,
            file: "https://a.example/emulator-unreachable.mp3"
        )
        #expect(response.status == 400)
        #expect(try error(response)["param"] as? String == "file")
    }

    // MARK: - Failures

    @Test func aFileThatCannotBeReadIsAnError() async throws {
        let response = try await ask(file: "https://a.example/emulator-unreachable.mp3")
        #expect(response.status == 400)
        let error = try error(response)
        #expect(error["code"] as? String == "invalid_file")
        #expect(error["param"] as? String == "file")
        #expect(error["upstream_code"] as? String == "InvalidFile.DownloadFailed")
    }

    /// Upstream's table has one code for whatever cannot be fetched; the caller sent sound.
    @Test func aCodeOfImagesIsNotUsedForSound() async throws {
        let response = try await ask(model: "qwen3-asr-flash-emulator-code-400-InvalidURL")
        #expect(response.status == 400)
        let error = try error(response)
        #expect(error["code"] as? String == "invalid_file")
        #expect(error["param"] as? String == "file")
        #expect(error["upstream_code"] as? String == "InvalidURL")
    }

    @Test(arguments: [
        ("paraformer-v2-emulator-task-fails-FILE_404_NOT_FOUND", 400, "invalid_file"),
        ("paraformer-v2-emulator-task-is-unknown", 404, "task_not_found"),
        ("paraformer-v2-emulator-arrearage", 429, "insufficient_quota"),
        ("paraformer-v2-emulator-link-missing", 502, "file_not_fetched"),
        ("paraformer-v2-emulator-link-elsewhere", 502, "file_not_fetched"),
        ("qwen3-asr-flash-emulator-moderated", 400, "content_filter"),
        ("paraformer-realtime-v2", 400, "model_not_supported"),
    ])
    func failuresHaveTheirStatus(model: String, status: Int, code: String) async throws {
        let response = try await ask(model: model)
        #expect(response.status == status, "\(response.body)")
        let error = try error(response)
        #expect(error["code"] as? String == code)
        // The advice for images means nothing here.
        #expect((error["message"] as? String)?.contains("response_format") == false)
    }

    @Test func strictModeRefusesRepairs() async throws {
        let members = #""temperature":0.4"#
        #expect(try await ask(members).header("x-gateway-adjustments")?.hasPrefix("temperature;from=0.4") == true)
        let strict = try await ask(members) { $0.translation.strict = true }
        #expect(strict.status == 400)
        #expect(try error(strict)["param"] as? String == "temperature")
    }

    // MARK: - Translations

    @Test(arguments: ["qwen3-asr-flash", "paraformer-v2"])
    func whatIsHeardIsPutIntoEnglish(model: String) async throws {
        let file = "https://a.example/早上好.mp3"
        let response = try await ask(model: model, file: file, path: Self.translations)
        #expect(response.status == 200)
        #expect(response.header("x-gateway-attempts") == nil)
        let answer = try document(response)
        #expect(answer["text"] as? String == "[auto to English] Echo: 早上好.")
        #expect((answer["usage"] as? [String: Any])?["type"] as? String == "duration")
        let verbose = try document(
            try await ask(#""response_format":"verbose_json""#, model: model, file: file, path: Self.translations)
        )
        #expect(verbose["task"] as? String == "translate")
        #expect(verbose["language"] as? String == "english")
        #expect(verbose["duration"] as? Double ?? 0 > 0)
        let text = try await ask(#""response_format":"text""#, model: model, file: file, path: Self.translations)
        #expect(text.body == "[auto to English] Echo: 早上好.\n")
    }

    @Test func englishIsNotTranslated() async throws {
        let response = try await ask(model: "qwen3-asr-flash", path: Self.translations)
        #expect(try document(response)["text"] as? String == "Good morning. How are you.")
        let silence = try await ask(file: "https://a.example/silence.wav", path: Self.translations)
        #expect(try document(silence)["text"] as? String == "")
    }

    @Test func aTranslationThatFailsIsAnError() async throws {
        let response = try await ask(
            model: "qwen3-asr-flash",
            file: "https://a.example/早上好.mp3",
            path: Self.translations
        ) { $0.translation.speechTranslationModel = "qwen-mt-flash-emulator-arrearage" }
        #expect(response.status == 429)
        let again = try await ask(
            model: "qwen3-asr-flash",
            file: "https://a.example/早上好.mp3",
            path: Self.translations
        ) { $0.translation.speechTranslationModel = "qwen-mt-flash-emulator-first-1-throttled" }
        #expect(again.status == 200)
        #expect(again.header("x-gateway-attempts") == "2")
    }
}
