import JSONBytes
import NIOCore
import Testing

@testable import APITranslation

struct SpeechRequestTests {
    private func run(_ members: String, model: String = "cosyvoice-v3-flash") throws -> SpeechRun {
        try SpeechRun(#"{"model":"\#(model)","input":"Hello there"\#(members.isEmpty ? "" : "," + members)}"#)
    }

    private func refusal(_ members: String, model: String = "cosyvoice-v3-flash") -> APIError? {
        SpeechRun.refusal(#"{"model":"\#(model)","input":"Hello"\#(members.isEmpty ? "" : "," + members)}"#)
    }

    private func input(_ run: SpeechRun) -> JSON? { run.bodies[0]["input"] }

    @Test func allStandsInInput() throws {
        let run = try run(
            #""voice":"longanhuan","response_format":"wav","speed":1.0,"instructions":"softly","volume":40,"seed":7,"new":[1]"#
        )
        #expect(
            run.bodies == [
                try JSON(
                    parsing:
                        #"{"model":"cosyvoice-v3-flash","input":{"text":"Hello there","voice":"longanhuan","format":"wav","rate":1.0,"instruction":"softly","volume":40,"seed":7,"new":[1]}}"#
                )
            ]
        )
        #expect(run.request.calls[0].operation == .speechSynthesis)
        #expect(run.request.calls[0].streamsUpstream)
        #expect(run.request.adjustments.isEmpty)
    }

    @Test func whatIsAbsentStaysAbsent() throws {
        let run = try run(#""voice":null,"speed":null,"instructions":null,"response_format":null"#)
        #expect(
            input(run)
                == (try JSON(parsing: #"{"text":"Hello there","voice":"longanyang","format":"mp3"}"#))
        )
        #expect(run.request.format == .mp3)
        #expect(run.request.adjustments.isEmpty)
        let qwen = try self.run("", model: "qwen3-tts-flash")
        #expect(input(qwen) == (try JSON(parsing: #"{"text":"Hello there","voice":"Cherry"}"#)))
        #expect(qwen.request.calls[0].operation == .multimodalGeneration)
        #expect(qwen.request.format == .wav)
        #expect(qwen.request.adjustments.isEmpty)
    }

    @Test(arguments: [
        (#""language_hints":[5]"#, "language_hints[0]"), (#""language_hints":"en""#, "language_hints"),
        (#""volume":"loud""#, "volume"), (#""sample_rate":0.5"#, "sample_rate"), (#""hot_fix":[]"#, "hot_fix"),
    ])
    func aWrongTypeIsNamed(members: String, param: String) {
        #expect(refusal(members)?.param == param)
        #expect(refusal(members)?.code == "invalid_type")
    }

    @Test func membersBesideAnIdAreReported() throws {
        let run = try run(#""voice":{"id":"longanhuan","style":"soft","more":null}"#)
        #expect(run.request.adjustments.texts == ["voice.style;from=string;to=none;reason=a voice is named by its id"])
    }

    // MARK: - Voices

    @Test(arguments: ["MiniMax/speech-02-hd", "minimax/SPEECH-2.8-turbo", "MiniMax/speech-9-hd"])
    func modelsWithAFormOfTheirOwnAreRefusedWithTheReason(model: String) {
        let error = refusal("", model: model)
        #expect(error?.status == 400)
        #expect(error?.code == "model_not_supported")
        #expect(error?.param == "model")
        #expect(error?.message.contains("a form of its own") == true)
    }

    @Test(arguments: [
        ("alloy", "qwen3-tts-flash", "Cherry"), ("echo", "qwen3-tts-flash", "Ethan"),
        ("fable", "qwen3-tts-flash", "Ryan"), ("fable", "qwen3-tts-instruct-flash", "Ethan"),
        ("nova", "qwen-tts", "Serena"), ("onyx", "cosyvoice-v3-flash", "longanyang"),
        ("nova", "cosyvoice-v2", "longwan_v2"), ("sage", "qwen-audio-3.0-tts-plus", "longanlingxin"),
    ])
    func namesOfOpenAIAreVoicesOfTheModel(name: String, model: String, voice: String) throws {
        let run = try run(#""voice":"\#(name)""#, model: model)
        #expect(input(run)?["voice"]?.text == voice)
        #expect(
            run.request.adjustments.texts == [
                "voice;from=\(name);to=\(voice);reason=the voice of the model for this name"
            ]
        )
    }

    @Test func everyNameOfOpenAIIsAVoiceThatTheCatalogueKnows() throws {
        let names = [
            "alloy", "ash", "ballad", "cedar", "coral", "echo", "fable", "marin", "nova", "onyx", "sage", "shimmer",
            "verse",
        ]
        for item in ModelCatalog().listed {
            guard let traits = item.entry.speech?.values, traits.voice != nil else { continue }
            for name in names {
                let run = try SpeechRun(#"{"model":"\#(item.id)","input":"x","voice":"\#(name)"}"#)
                let body = run.bodies[0]
                // Over WebSocket it stands among the parameters, or in the session itself.
                let voice = (body["input"]?["voice"] ?? body["parameters"]?["voice"] ?? body["voice"])?.text ?? ""
                #expect(traits.voices.contains(voice), "\(item.id): \(name)")
            }
        }
    }

    @Test func voicesOfDashScopePass() throws {
        for voice in ["Radio Gol", "Ono Anna", "Cherry"] {
            let run = try run(#""voice":{"id":"\#(voice)"}"#, model: "qwen3-tts-flash")
            #expect(input(run)?["voice"]?.text == voice)
            #expect(run.request.adjustments.isEmpty)
        }
        #expect(input(try run(#""voice":"cosyvoice-v3-flash-my-1""#))?["voice"]?.text == "cosyvoice-v3-flash-my-1")
        let own = try run(#""voice":"qwen3-tts-vc-me-1""#, model: "qwen3-tts-vc-2026-01-22")
        #expect(input(own)?["voice"]?.text == "qwen3-tts-vc-me-1")
        let other = try run(#""voice":"cherry""#, model: "qwen3-tts-flash")
        #expect(input(other)?["voice"]?.text == "Cherry")
        #expect(other.request.adjustments.texts == ["voice;from=cherry;to=Cherry;reason=upper and lower case count"])
    }

    @Test func otherVoicesAreRefusedWhereAllAreKnown() throws {
        let error = try #require(refusal(#""voice":"Nobody""#, model: "qwen-tts"))
        #expect(error.status == 400)
        #expect(error.param == "voice")
        #expect(error.code == "invalid_value")
        #expect(error.message.contains("Cherry, Serena, Ethan, Chelsie"))
        #expect(refusal(#""voice":{"id":"Nobody"}"#, model: "qwen3-tts-flash")?.param == "voice.id")
    }

    @Test func modelsWithoutVoicesWantOne() throws {
        for model in ["cosyvoice-v3.5-plus", "qwen3-tts-vd-2026-01-26"] {
            let missing = try #require(refusal("", model: model))
            #expect(missing.code == "missing_required_parameter")
            #expect(missing.param == "voice")
            #expect(refusal(#""voice":"alloy""#, model: model)?.param == "voice")
        }
    }

    @Test(arguments: [
        (#""voice":7"#, "voice", "invalid_type"), (#""voice":"""#, "voice", "invalid_value"),
        (#""voice":{}"#, "voice.id", "missing_required_parameter"),
        (#""voice":{"id":1}"#, "voice.id", "invalid_type"),
        (#""speed":5"#, "speed", "decimal_above_max_value"), (#""speed":0.1"#, "speed", "decimal_below_min_value"),
        (#""speed":"1""#, "speed", "invalid_type"), (#""response_format":"ogg""#, "response_format", "invalid_value"),
        (#""response_format":"aac""#, "response_format", "unsupported_value"),
        (#""stream_format":"raw""#, "stream_format", "invalid_value"),
        (#""sample_rate":"x""#, "sample_rate", "invalid_type"),
    ])
    func aWrongValueIsNamed(members: String, param: String, code: String) throws {
        let error = try #require(refusal(members))
        #expect(error.status == 400)
        #expect(error.param == param)
        #expect(error.code == code)
    }

    @Test func aTextIsNeeded() {
        #expect(SpeechRun.refusal(#"{"model":"qwen3-tts-flash"}"#)?.code == "missing_required_parameter")
        #expect(SpeechRun.refusal(#"{"model":"qwen3-tts-flash","input":"  \n"}"#)?.param == "input")
        #expect(SpeechRun.refusal(#"{"model":"qwen3-tts-flash","input":["a"]}"#)?.code == "invalid_type")
        #expect(SpeechRun.refusal(#"{"input":"a"}"#)?.param == "model")
        let long = SpeechRun.refusal(#"{"model":"qwen3-tts-flash","input":"abcdef"}"#, maximum: 5)
        #expect(long?.code == "string_above_max_length")
    }

    @Test(arguments: ["qwen-plus", "qwen3-asr-flash", "text-embedding-v4", "voice-enrollment"])
    func otherModelsAreRefused(model: String) {
        #expect(refusal("", model: model)?.code == "model_not_supported")
    }

    // MARK: - Formats

    @Test(arguments: [
        ("qwen3-tts-flash", "wav", SpeechFormat.wav), ("qwen3-tts-flash", "pcm", .pcm),
        ("cosyvoice-v3-flash", "mp3", .mp3), ("cosyvoice-v3-flash", "opus", .opus),
        ("qwen-audio-3.0-tts-plus", "wav", .wav),
    ])
    func theFormatAskedForIsTheFormatGiven(model: String, name: String, format: SpeechFormat) throws {
        let run = try run(#""response_format":"\#(name)""#, model: model)
        #expect(run.request.format == format)
        #expect(input(run)?["format"]?.text == (model.hasPrefix("qwen3") ? nil : name))
    }

    @Test func aFormatThatTheModelLacksIsRefusedWithThoseItHas() throws {
        let error = try #require(refusal(#""response_format":"mp3""#, model: "qwen3-tts-flash"))
        #expect(error.param == "response_format")
        #expect(error.message.contains("has wav, pcm"))
    }

    @Test func samplesHaveTheRateOfOpenAI() throws {
        let plain = try run(#""response_format":"pcm""#)
        #expect(input(plain)?["sample_rate"] == (try JSON(parsing: "24000")))
        let own = try run(#""response_format":"pcm","sample_rate":16000"#)
        #expect(input(own)?["sample_rate"] == (try JSON(parsing: "16000")))
        #expect(input(try run(#""response_format":"wav""#))?["sample_rate"] == nil)
    }

    // MARK: - Speed, style, DashScope's own

    @Test func speedIsClampedAndReported() throws {
        let fast = try run(#""speed":3"#)
        #expect(input(fast)?["rate"] == (try JSON(parsing: "2.0")))
        #expect(fast.request.adjustments.texts == ["speed;from=3;to=2.0;reason=the model has 0.5 to 2"])
        #expect(input(try run(#""speed":0.3"#))?["rate"] == (try JSON(parsing: "0.5")))
        let qwen = try run(#""speed":1.5"#, model: "qwen3-tts-flash")
        #expect(input(qwen)?["rate"] == nil)
        #expect(qwen.request.adjustments.texts == ["speed;from=1.5;to=none;reason=the model has one speed"])
        #expect(try run(#""speed":1.0"#, model: "qwen3-tts-flash").request.adjustments.isEmpty)
    }

    @Test func instructionsHaveTheNameThatTheModelKnows() throws {
        let qwen = try run(#""instructions":"softly","optimize_instructions":true"#, model: "qwen3-tts-instruct-flash")
        #expect(input(qwen)?["instructions"]?.text == "softly")
        #expect(input(qwen)?["optimize_instructions"] == .bool(true))
        let none = try run(#""instructions":"softly""#, model: "qwen3-tts-flash")
        #expect(
            none.request.adjustments.texts == [
                "instructions;from=6 characters;to=none;reason=the model takes no instructions"
            ]
        )
        let long = String(repeating: "x", count: 101)
        #expect(refusal(#""instructions":"\#(long)""#)?.code == "string_above_max_length")
    }

    @Test func whatTheModelDoesNotTakeIsReported() throws {
        let qwen = try run(#""volume":10,"language_type":"English","enable_ssml":true"#, model: "qwen3-tts-flash")
        #expect(input(qwen)?["language_type"]?.text == "English")
        #expect(
            qwen.request.adjustments.texts == [
                "volume;from=10;to=none;reason=the model does not take it",
                "enable_ssml;from=true;to=none;reason=the model does not take it",
            ]
        )
    }

    @Test func noMemberStandsTwice() throws {
        let run = try run(
            #""voice":"longanyang","response_format":"mp3","format":"wav","speed":1.2,"rate":1.1,"text":"other","stream":true"#
        )
        #expect(
            input(run)
                == (try JSON(
                    parsing: #"{"text":"Hello there","voice":"longanyang","format":"mp3","rate":1.1}"#
                ))
        )
        #expect(
            run.request.adjustments.texts == [
                "format;from=wav;to=none;reason=response_format is given",
                "speed;from=1.2;to=none;reason=rate is given",
                "text;from=other;to=none;reason=another field says it",
            ]
        )
    }

    @Test func strictModeRefusesWhatWouldBeChanged() {
        let text = #"{"model":"qwen3-tts-flash","input":"a","voice":"alloy"}"#
        #expect(SpeechRun.refusal(text, strict: true)?.param == "voice")
        #expect(SpeechRun.refusal(text.replacing("alloy", with: "Cherry"), strict: true) == nil)
    }

    // MARK: - Long texts and unknown models

    @Test func aLongTextIsDividedAmongCalls() throws {
        let sentence = "This sentence is spoken in one breath. "
        let text = String(repeating: sentence, count: 40)
        let run = try SpeechRun(#"{"model":"qwen3-tts-flash","input":"\#(text)","voice":"Ethan"}"#)
        #expect(run.bodies.count == 3)
        let parts = run.bodies.compactMap { $0["input"]?["text"]?.text }
        #expect(parts.joined(separator: " ") + " " == text)
        #expect(parts.allSatisfy { $0.count <= 600 && $0.hasSuffix(".") })
        #expect(run.bodies.allSatisfy { $0["input"]?["voice"]?.text == "Ethan" })
        #expect(try SpeechRun(#"{"model":"cosyvoice-v3-plus","input":"\#(text)"}"#).bodies.count == 1)
    }

    @Test func markupIsNotDivided() {
        let text = "<speak>" + String(repeating: "word ", count: 4_100) + "</speak>"
        let request = #"{"model":"cosyvoice-v3-flash","input":"\#(text)","enable_ssml":true}"#
        #expect(SpeechRun.refusal(request)?.param == "input")
    }

    @Test func aModelThatNobodyKnowsIsToldEverything() throws {
        let run = try run(
            #""voice":"alloy","instructions":"x","volume":1,"response_format":"mp3""#,
            model: "newvoice-9"
        )
        #expect(
            input(run)
                == (try JSON(
                    parsing:
                        #"{"text":"Hello there","voice":"alloy","format":"mp3","instruction":"x","volume":1}"#
                ))
        )
        #expect(run.request.calls[0].operation == .speechSynthesis)
        #expect(try self.run("", model: "qwen9-tts").request.calls[0].operation == .multimodalGeneration)
    }
}
