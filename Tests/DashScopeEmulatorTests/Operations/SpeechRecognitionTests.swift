import Foundation
import NIOHTTP1
import Testing

@testable import DashScopeEmulator

/// Speech that is written down: at once, and by tasks whose results are documents.
struct SpeechRecognitionTests {
    private static let url = "https://a.example/files/good-morning--how-are-you.mp3"

    private func call(_ model: String, input: JSON, _ parameters: JSON = [:], isAsync: Bool = true) -> Call {
        Call(ask: "").with { call in
            call.path = "/api/v1/services/audio/asr/transcription"
            call.body = ["model": .string(model), "input": input, "parameters": parameters]
            if isAsync { call.headers.add(name: "X-DashScope-Async", value: "enable") }
        }
    }

    private func list(_ model: String, _ parameters: JSON = [:], file: String = url) -> Call {
        call(model, input: ["file_urls": [.string(file)]], parameters)
    }

    private func get(_ path: String, _ emulator: DashScopeEmulator, hasKey: Bool = true) -> EmulatorReply {
        Call(ask: "").with {
            $0.method = "GET"
            $0.path = path
            $0.rawBody = ""
            $0.headers = hasKey ? ["Authorization": "Bearer sk-test", "Host": "h"] : ["Host": "h"]
        }.reply(from: emulator)
    }

    /// The output of a task that has ended.
    private func result(_ call: Call, _ emulator: DashScopeEmulator) throws -> JSON {
        let id = try #require(call.document(from: emulator)["output"]?["task_id"]?.string)
        _ = get("/api/v1/tasks/\(id)", emulator)
        return try #require(JSON(bytes: get("/api/v1/tasks/\(id)", emulator).body))
    }

    private func document(_ link: JSON?, _ emulator: DashScopeEmulator) throws -> JSON {
        let link = try #require(link?.string)
        let path = try #require(link.firstRange(of: "/results/").map { String(link[$0.lowerBound...]) })
        #expect(get(path, emulator).status == 400)
        let reply = get(path, emulator, hasKey: false)
        #expect(reply.status == 200)
        return try #require(JSON(bytes: reply.body))
    }

    // MARK: - Tasks

    @Test func aListHasAResultForEachFile() throws {
        let emulator = testEmulator()
        let files: JSON = [
            .string(Self.url), "https://a.example/silence.wav", "https://a.example/emulator-unreachable.wav",
        ]
        let task = try result(call("paraformer-v2", input: ["file_urls": files]), emulator)
        let results = try #require(task["output"]?["results"]?.array)
        #expect(results.map { $0["subtask_status"]?.string } == ["SUCCEEDED", "FAILED", "FAILED"])
        #expect(results[1]["code"] == "SUCCESS_WITH_NO_VALID_FRAGMENT")
        #expect(results[2]["code"] == "InvalidFile.DownloadFailed")
        #expect(task["output"]?["task_metrics"] == ["TOTAL": 3, "SUCCEEDED": 1, "FAILED": 2])
        #expect(task["usage"] == ["duration": 3])
        let document = try document(results[0]["transcription_url"], emulator)
        #expect(document["transcripts"]?[0]?["text"] == "Good morning. How are you.")
        let sentences = try #require(document["transcripts"]?[0]?["sentences"]?.array)
        #expect(sentences.map { $0["begin_time"] } == [100, 1097])
        #expect(sentences.map { $0["end_time"] } == [894, 2288])
        #expect(sentences.map { $0["sentence_id"] } == [1, 2])
        #expect(sentences[0]["words"]?.array?.map { $0["text"] } == ["Good ", "morning"])
        #expect(sentences[0]["speaker_id"] == nil)
        #expect(document["properties"]?["original_duration_in_milliseconds"] == 2491)
    }

    @Test func speakersAndChannelsAreAskedFor() throws {
        let emulator = testEmulator()
        let parameters: JSON = ["diarization_enabled": true, "channel_id": [0, 1], "language_hints": ["en"]]
        let task = try result(list("fun-asr", parameters), emulator)
        let document = try document(task["output"]?["results"]?[0]?["transcription_url"], emulator)
        #expect(document["transcripts"]?.array?.count == 2)
        #expect(document["transcripts"]?[0]?["sentences"]?.array?.map { $0["speaker_id"] } == [0, 1])
    }

    @Test func theOtherFormHasOneResult() throws {
        let emulator = testEmulator()
        let input: JSON = ["file_url": .string(Self.url)]
        let task = try result(
            call("qwen3-asr-flash-filetrans", input: input, ["enable_words": true, "language": "en"]),
            emulator
        )
        #expect(task["usage"] == ["seconds": 3])
        let document = try document(task["output"]?["result"]?["transcription_url"], emulator)
        #expect(document["transcripts"]?[0]?["sentences"]?[0]?["sentence_id"] == 0)
        #expect(document["transcripts"]?[0]?["sentences"]?[0]?["language"] == "en")
        #expect(document["transcripts"]?[0]?["sentences"]?[0]?["words"] != nil)
        #expect(document["properties"] == nil)
    }

    @Test func marksAreThoseOfOneModel() throws {
        let emulator = testEmulator()
        let task = try result(list("sensevoice-v1"), emulator)
        let document = try document(task["output"]?["results"]?[0]?["transcription_url"], emulator)
        #expect(document["transcripts"]?[0]?["text"]?.string?.hasPrefix("<|Speech|> Good") == true)
        #expect(document["transcripts"]?[0]?["sentences"]?[0]?["words"] == nil)
    }

    struct Refused: Sendable {
        var model = "paraformer-v2"
        var input: JSON = ["file_urls": ["https://a/a.wav"]]
        var parameters: JSON = [:]
        var isAsync = true
        var status = 400
        var code = "InvalidParameter"
    }

    private static let refused: [Refused] = [
        Refused(isAsync: false, status: 403, code: "AccessDenied"),
        Refused(model: "qwen-plus", status: 404, code: "ModelNotFound"),
        Refused(model: "paraformer-realtime-v2", status: 404, code: "ModelNotFound"),
        Refused(input: ["file_url": "https://a/a.wav"]), Refused(input: ["file_urls": []]),
        Refused(model: "qwen3-asr-flash-filetrans"),
        Refused(input: ["file_urls": ["data:audio/wav;base64,AAAA"]], code: "InvalidURL"),
        Refused(input: ["file_urls": ["oss://a/b.wav"]]),
        Refused(parameters: ["language": "en"]), Refused(parameters: ["language_hints": "en"]),
        Refused(model: "paraformer-v1", parameters: ["language_hints": ["en"]]),
        Refused(parameters: ["speaker_count": 1]), Refused(parameters: ["channel_id": ["0"]]),
        Refused(parameters: ["special_word_filter": ["system_reserved_filter": true]]),
        Refused(parameters: ["diarization_enabled": "true"]),
    ]

    @Test(arguments: refused)
    func whatTheDocumentationForbidsIsRefused(_ refused: Refused) {
        let reply = call(refused.model, input: refused.input, refused.parameters, isAsync: refused.isAsync).reply()
        #expect(reply.status == refused.status)
        #expect(reply.code == refused.code, "\(reply.message)")
    }

    // MARK: - At once

    private func message(_ audio: String, model: String = "qwen3-asr-flash", _ parameters: JSON = [:]) -> Call {
        Call(
            .multimodal,
            model: model,
            messages: [["role": "user", "content": [["audio": .string(audio)]]]],
            parameters: parameters
        )
    }

    @Test func theNameOfAFileIsWhatIsSaidInIt() {
        let document = message(Self.url).document()
        #expect(document.contentText == "Good morning. How are you.")
        #expect(document.answer?["annotations"]?[0]?["language"] == "en")
        #expect(document["usage"]?["seconds"] == 3)
        #expect(message("https://a.example/silence.wav").document().contentText == "")
    }

    @Test func aFileMayHoldItsText() {
        func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
            let size = content.count
            let padding: [UInt8] = size % 2 == 0 ? [] : [0]
            return Array(name.utf8) + (0..<4).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) } + content + padding
        }
        let comment = chunk("LIST", Array("INFO".utf8) + chunk("ICMT", Array("nice to meet you".utf8)))
        let file = chunk("RIFF", Array("WAVE".utf8) + chunk("data", [1, 2, 3]) + comment)
        let url = "data:audio/wav;base64," + Data(file).base64EncodedString()
        #expect(message(url).document().contentText == "Nice to meet you.")
        #expect(message("data:audio/wav;base64,AAAA").document().contentText == "A recording of 3 bytes.")
    }

    @Test func newerModelsReadPartsThatSayTheirType() {
        let content: JSON = [["type": "input_audio", "input_audio": ["data": .string(Self.url)]]]
        let messages: JSON = [
            ["role": "system", "content": [["type": "input_text", "text": "Names"]]],
            ["role": "user", "content": content],
        ]
        for model in ["qwen-audio-3.1-asr-flash", "fun-asr-flash-2026-06-15"] {
            #expect(Call(.multimodal, model: model, messages: messages).document().contentText.hasPrefix("Good"))
        }
        #expect(Call(.multimodal, model: "qwen3-asr-flash", messages: messages).reply().status == 400)
    }
}
