@testable import DashScopeEmulator
import Foundation
import NIOHTTP1
import Testing

struct SpeechTests {
    private func call(_ input: JSON, model: String = "cosyvoice-v3-flash") -> Call {
        Call(ask: "").with {
            let isQwen = model.hasPrefix("qwen") && !model.hasPrefix("qwen-audio")
            $0.path = isQwen ? Call.Path.multimodal.rawValue : SpeechProfile.Path.synthesizer.rawValue
            $0.body = ["model": .string(model), "input": input]
        }
    }

    private func audio(_ call: Call) -> [UInt8] {
        call.streaming(incremental: nil).events().flatMap { event in
            (event["output"]?["audio"]?["data"]?.string).flatMap { Data(base64Encoded: $0) }.map(Array.init) ?? []
        }
    }

    @Test
    func aWholeAnswerNamesTheFile() throws {
        let document = call(["text": "Hello", "voice": "Cherry"], model: "qwen3-tts-flash").document()
        #expect(document["output"]?["finish_reason"] == "stop")
        #expect(document["output"]?["audio"]?["data"] == "")
        #expect(document["usage"]?["characters"] == 5)
        let url = try #require(document["output"]?["audio"]?["url"]?.string)
        #expect(url.contains("/results/") && url.contains(".wav?Expires="))
        let file = Call(ask: "").with {
            $0.method = "GET"
            $0.path = "/results/" + (url.split(separator: "/").last ?? "")
            $0.headers = [:]
        }.reply().body
        #expect(file.count == 44 + 24_000)
        #expect(Array(file.prefix(4)) == Array("RIFF".utf8))
    }

    @Test
    func aStreamBringsTheFileInPieces() {
        let call = call(["text": "Hello", "voice": "longanyang", "format": "mp3"])
        let events = call.streaming(incremental: nil).events()
        #expect(
            events.compactMap { $0["output"]?["type"]?.string }.first == "sentence-begin"
        )
        #expect(events.last?["output"]?["finish_reason"] == "stop")
        #expect(events.last?["usage"]?["characters"] == 5)
        #expect(audio(call).starts(with: [0xFF, 0xF3]))
        #expect(audio(call).count % 208 == 0)
    }

    @Test
    func chineseCharactersCountTwiceAndTokensWhereTheModelCountsThem() {
        let qwen = call(["text": "你好a", "voice": "Cherry"], model: "qwen3-tts-flash").document()
        #expect(qwen["usage"]?["characters"] == 5)
        let old = call(["text": "Hello", "voice": "Cherry"], model: "qwen-tts").document()
        #expect(old["usage"]?["total_tokens"] == 27)
    }

    @Test
    func badRequestsAreRefused() {
        let long = JSON.string(String(repeating: "a", count: 601))
        let cases: [(Call, String)] = [
            (call(["text": "a", "voice": "Nobody"], model: "qwen3-tts-flash"), "requested voice 'Nobody'"),
            (call(["text": long, "voice": "Cherry"], model: "qwen3-tts-flash"), "Range of input length"),
            (call(["text": "a"], model: "qwen3-tts-flash"), "\"voice\" missing"),
            (call(["text": "a", "voice": "Cherry", "format": "mp3"], model: "qwen3-tts-flash"), "input.format"),
            (call(["text": "a", "voice": "Cherry"]), "error code: 418"),
            (call(["text": "a", "voice": "longanyang", "format": "aac"]), "input.format must be one of"),
            (call(["text": "a", "voice": "longanyang", "rate": 3]), "input.rate"),
            (call(["text": " ", "voice": "longanyang"]), "ensure input text is valid"),
            (call(["voice": "longanyang"]), "\"text\" missing"),
        ]
        for (call, message) in cases {
            let reply = call.reply()
            #expect(reply.status == 400, "\(message)")
            #expect(reply.message.contains(message), "\(reply.message)")
        }
        #expect(call(["text": "a", "voice": "x"], model: "nothing").reply().status == 404)
        let wrong = call(["text": "a", "voice": "longanyang"]).with { $0.path = Call.Path.multimodal.rawValue }
        #expect(wrong.reply().message.contains("url error"))
    }
}
