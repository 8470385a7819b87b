import JSONBytes
import NIOCore
import Testing

@testable import APITranslation

struct TranscriptionRequestTests {
    private static let translator = TranscriptionTranslator(catalog: ModelCatalog())
    private static let translation = TranscriptionTranslator(catalog: ModelCatalog(), purpose: .translation)
    private static let link = "https://a.example/hello.mp3"

    private func run(_ members: String = "", model: String = "paraformer-v2", file: String = link) throws -> SplitRun {
        try SplitRun(
            #"{"model":"\#(model)","file":"\#(file)"\#(members.isEmpty ? "" : "," + members)}"#,
            Self.translator
        )
    }

    private func refusal(
        _ members: String,
        model: String = "paraformer-v2",
        file: String = link,
        _ translator: TranscriptionTranslator = translator
    ) -> APIError? {
        SplitRun.refusal(
            #"{"model":"\#(model)","file":"\#(file)"\#(members.isEmpty ? "" : "," + members)}"#,
            translator
        )
    }

    // MARK: - The shape of the call

    @Test(arguments: [
        ("paraformer-v2", DashScopeOperation.fileTranscription, #"{"file_urls":["https://a.example/hello.mp3"]}"#),
        ("fun-asr-2025-11-07", .fileTranscription, #"{"file_urls":["https://a.example/hello.mp3"]}"#),
        ("sensevoice-v1", .fileTranscription, #"{"file_urls":["https://a.example/hello.mp3"]}"#),
        ("qwen-audio-3.1-asr-flash-filetrans", .fileTranscription, #"{"file_urls":["https://a.example/hello.mp3"]}"#),
        ("qwen3-asr-flash-filetrans", .fileTranscription, #"{"file_url":"https://a.example/hello.mp3"}"#),
        (
            "qwen3-asr-flash", .multimodalGeneration,
            #"{"messages":[{"role":"user","content":[{"audio":"https://a.example/hello.mp3"}]}]}"#
        ),
        (
            "qwen-audio-3.1-asr-flash", .multimodalGeneration,
            #"{"messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"https://a.example/hello.mp3"}}]}]}"#
        ),
        // Names that nobody knows.
        ("qwen9-asr-filetrans", .fileTranscription, #"{"file_urls":["https://a.example/hello.mp3"]}"#),
        (
            "whisper-9", .multimodalGeneration,
            #"{"messages":[{"role":"user","content":[{"audio":"https://a.example/hello.mp3"}]}]}"#
        ),
    ])
    func eachModelIsGivenTheFileInItsWay(model: String, operation: DashScopeOperation, input: String) throws {
        let run = try run(model: model)
        #expect(run.request.calls[0].operation == operation)
        #expect(run.bodies[0]["model"]?.text == model)
        #expect(run.bodies[0]["input"] == (try JSON(parsing: input)))
        #expect(run.bodies[0]["parameters"] == (try JSON(parsing: "{}")))
        #expect(run.request.adjustments.isEmpty)
        #expect(!run.request.calls[0].resolvesOSS)
    }

    @Test(arguments: ["paraformer-v2", "qwen3-asr-flash"])
    func storedFilesAreResolved(model: String) throws {
        #expect(try run(model: model, file: "oss://a/b.wav").request.calls[0].resolvesOSS)
    }

    @Test func onlyModelsThatAnswerAtOnceStreamUpstream() throws {
        let message = try run(#""stream":"true""#, model: "qwen3-asr-flash")
        #expect(message.request.streamsToClient)
        #expect(message.request.calls[0].streamsUpstream)
        #expect(message.bodies[0]["parameters"]?["incremental_output"] == .bool(true))
        let task = try run(#""stream":true"#)
        #expect(task.request.streamsToClient)
        #expect(!task.request.calls[0].streamsUpstream)
        let whole = try run(#""stream":true,"response_format":"srt""#)
        #expect(!whole.request.streamsToClient)
        #expect(whole.request.adjustments.texts == ["stream;from=true;to=false;reason=such an answer is whole"])
    }

    @Test(arguments: [
        ("paraformer-v2", #""language":"en""#, #"{"language_hints":["en"]}"#),
        ("paraformer-v2", #""languages":["zh","en"]"#, #"{"language_hints":["zh","en"]}"#),
        ("fun-asr", #""language_hints":["ja"]"#, #"{"language_hints":["ja"]}"#),
        ("qwen3-asr-flash-filetrans", #""language":"en""#, #"{"language":"en"}"#),
        ("qwen3-asr-flash", #""language":"en""#, #"{"asr_options":{"language":"en"}}"#),
        ("paraformer-v1", #""temperature":0"#, "{}"),
    ])
    func theLanguageStandsWhereTheModelReadsIt(model: String, members: String, parameters: String) throws {
        let run = try run(members, model: model)
        #expect(run.bodies[0]["parameters"] == (try JSON(parsing: parameters)))
        #expect(run.request.adjustments.isEmpty)
    }

    /// Of two fields that say the same, one counts.
    @Test(arguments: [
        (
            "qwen3-asr-flash", #""language":"en","asr_options":{"language":"de"}"#,
            #"{"asr_options":{"language":"de"}}"#,
            "language;from=en;to=none;reason=asr_options says it"
        ),
        (
            "qwen3-asr-flash", #""languages":["en"],"asr_options":{"language":"de"}"#,
            #"{"asr_options":{"language":"de"}}"#, "languages;from=en;to=none;reason=asr_options says it"
        ),
        (
            "qwen3-asr-flash", #""enable_itn":true,"asr_options":{"enable_itn":false}"#,
            #"{"asr_options":{"enable_itn":false}}"#, "enable_itn;from=true;to=none;reason=asr_options says it"
        ),
        (
            "paraformer-v2", #""language":"en","languages":["de"]"#, #"{"language_hints":["en"]}"#,
            "languages;from=array;to=none;reason=language says it"
        ),
        (
            "paraformer-v2", #""languages":["de"],"language_hints":["en"]"#, #"{"language_hints":["en"]}"#,
            "languages;from=de;to=none;reason=language_hints says it"
        ),
        (
            "qwen3-asr-flash-filetrans",
            #""enable_words":false,"response_format":"verbose_json","timestamp_granularities":["word"]"#,
            #"{"enable_words":true}"#, "enable_words;from=false;to=true;reason=timestamp_granularities asks for words"
        ),
    ])
    func whatDoesNotCountIsReported(model: String, members: String, parameters: String, report: String) throws {
        let run = try run(members, model: model)
        #expect(run.bodies[0]["parameters"] == (try JSON(parsing: parameters)))
        #expect(run.request.adjustments.texts == [report])
    }

    @Test(arguments: [
        (#""languages":[5]"#, "languages[0]"), (#""languages":["en",null]"#, "languages[1]"),
        (#""languages":5"#, "languages"),
        (#""keywords":["a",{}]"#, "keywords[1]"), (#""keywords":true"#, "keywords"),
        (#""language_hints":[5]"#, "language_hints[0]"), (#""language_hints":{}"#, "language_hints"),
        (#""resources":["a"]"#, "resources[0]"), (#""resources":"a""#, "resources"),
        (#""include":[5]"#, "include[0]"), (#""known_speaker_names":[[]]"#, "known_speaker_names[0]"),
        (#""timestamp_granularities":[1]"#, "timestamp_granularities[0]"),
        (#""channel_id":["left"]"#, "channel_id[0]"), (#""asr_options":"a""#, "asr_options"),
        (#""chunking_strategy":5"#, "chunking_strategy"), (#""chunking_strategy":[]"#, "chunking_strategy"),
    ])
    func aWrongTypeIsNamed(members: String, param: String) {
        for model in ["paraformer-v2", "qwen3-asr-flash"] {
            let refusal = refusal(members, model: model)
            #expect(refusal?.param == param)
            #expect(refusal?.code == "invalid_type")
        }
    }

    @Test(arguments: [
        ("paraformer-v1", #""language":"en""#, "language;from=en;to=none;reason=the model takes none"),
        ("paraformer-v2", #""language":"en-US""#, "language;from=en-US;to=en;reason=its code"),
        ("paraformer-v2", #""prompt":"some words""#, "prompt;from=string;to=none;reason=the model reads none"),
        (
            "qwen3-asr-flash", #""languages":["zh","en"]"#,
            "languages;from=2;to=1;reason=the model is told one language"
        ),
        (
            "qwen3-asr-flash", #""diarization_enabled":true"#,
            "diarization_enabled;from=true;to=none;reason=the model does not take it"
        ),
        (
            "paraformer-v1", #""vocabulary_id":"v""#,
            "vocabulary_id;from=v;to=none;reason=the model does not take it"
        ),
        (
            "paraformer-v2", #""known_speaker_names":["A"]"#,
            "known_speaker_names;from=array;to=none;reason=speakers are told apart and not recognized"
        ),
        (
            "sensevoice-v1", #""response_format":"text""#,
            "response_format;from=marks of sounds and moods;to=none;reason=this format has no place for them"
        ),
    ])
    func whatAModelDoesNotTakeIsReported(model: String, members: String, report: String) throws {
        #expect(try run(members, model: model).request.adjustments.texts == [report])
        let body = #"{"model":"\#(model)","file":"\#(Self.link)",\#(members)}"#
        #expect(throws: APIError.self) { try SplitRun(body, Self.translator, strict: true) }
    }

    /// Texts of a form say what they say.
    @Test func formsHaveTextsOnly() throws {
        let run = try run(
            #""temperature":"0.0","timestamp_granularities[]":"word","response_format":"verbose_json","enable_words":"","channel_id":"1""#,
            model: "qwen3-asr-flash-filetrans"
        )
        #expect(run.bodies[0]["parameters"] == (try JSON(parsing: #"{"channel_id":[1],"enable_words":true}"#)))
        #expect(run.request.adjustments.isEmpty)
    }

    // MARK: - Times

    @Test(arguments: ["srt", "vtt", "verbose_json"])
    func theModelOfTheFamilyThatGivesTimesIsAsked(format: String) throws {
        let run = try run(#""response_format":"\#(format)""#, model: "qwen3-asr-flash-2026-02-10")
        #expect(run.bodies[0]["model"]?.text == "qwen3-asr-flash-filetrans")
        #expect(run.bodies[0]["input"] == (try JSON(parsing: #"{"file_url":"https://a.example/hello.mp3"}"#)))
        #expect(run.request.model == "qwen3-asr-flash-2026-02-10")
        #expect(
            run.request.adjustments.texts == [
                "model;from=qwen3-asr-flash-2026-02-10;to=qwen3-asr-flash-filetrans;reason=it gives times"
            ]
        )
    }

    @Test func aLargeStoredFileIsForTheModelThatTakesIt() throws {
        let text = #"{"model":"qwen3-asr-flash","file":{"url":"oss://a/b.wav","bytes":SIZE}}"#
        let large = try SplitRun(text.replacing("SIZE", with: "30000000"), Self.translator)
        #expect(large.bodies[0]["model"]?.text == "qwen3-asr-flash-filetrans")
        #expect(large.request.calls[0].resolvesOSS)
        let small = try SplitRun(text.replacing("SIZE", with: "3000000"), Self.translator)
        #expect(small.bodies[0]["model"]?.text == "qwen3-asr-flash")
    }

    @Test func speakersNeedAModelThatTellsThemApart() throws {
        let run = try run(#""response_format":"diarized_json","diarization_enabled":false"#)
        #expect(run.bodies[0]["parameters"] == (try JSON(parsing: #"{"diarization_enabled":true}"#)))
        #expect(
            run.request.adjustments.texts == ["diarization_enabled;from=false;to=true;reason=the format needs it"]
        )
        for model in ["qwen3-asr-flash", "qwen3-asr-flash-filetrans"] {
            let refusal = refusal(#""response_format":"diarized_json""#, model: model)
            #expect(refusal?.param == "response_format")
            #expect(refusal?.message.contains("paraformer-v2 or fun-asr") == true)
        }
    }

    // MARK: - Refusals

    @Test(arguments: [
        ("paraformer-v2", "data:image/png;base64,AAAA", "", "file", "must be a sound"),
        ("paraformer-v2", "data:audio/wav,AAAA", "", "file", "whose data are base64"),
        ("qwen3-asr-flash", "hello.wav", "", "file", "must be a URL"),
        ("qwen-audio-asr-2024-12-04", "https://a/b", #""response_format":"vtt""#, "response_format", "gives no times"),
        ("paraformer-realtime-v2", "https://a/b", "", "model", "takes no files"),
        ("gummy-chat-v1", "https://a/b", "", "model", "takes no files"),
        ("qwen3-asr-flash-realtime", "https://a/b", "", "model", "takes no files"),
        ("qwen-plus", "https://a/b", "", "model", "not a model for transcription"),
        ("qwen3-tts-flash", "https://a/b", "", "model", "not a model for transcription"),
        ("paraformer-v2", "https://a/b", #""response_format":"xml""#, "response_format", "must be one of json"),
        ("paraformer-v2", "https://a/b", #""timestamp_granularities":["word"]"#, "timestamp_granularities", "verbose"),
        (
            "paraformer-v2", "https://a/b", #""response_format":"verbose_json","timestamp_granularities":["char"]"#,
            "timestamp_granularities[0]", "word or segment"
        ),
        ("paraformer-v2", "https://a/b", #""speaker_count":1"#, "speaker_count", "between 2 and 100"),
        ("paraformer-v2", "https://a/b", #""channel_id":["left"]"#, "channel_id[0]", "expected an integer"),
        ("paraformer-v2", "https://a/b", #""channel_id":[-1]"#, "channel_id[0]", "number of a channel"),
        ("paraformer-v2", "https://a/b", #""stream":"maybe""#, "stream", "expected a boolean"),
    ])
    func whatCannotBeDoneNamesTheField(model: String, file: String, members: String, param: String, words: String) {
        let refusal = refusal(members, model: model, file: file)
        #expect(refusal?.status == 400)
        #expect(refusal?.param == param)
        #expect(refusal?.message.contains(words) == true, "\(refusal?.message ?? "")")
    }

    @Test func aFileIsNeeded() {
        #expect(SplitRun.refusal(#"{"model":"paraformer-v2"}"#, Self.translator)?.param == "file")
        #expect(SplitRun.refusal(#"{"file":"https://a/b"}"#, Self.translator)?.param == "model")
    }

    // MARK: - Translations

    @Test func translationsHaveNoTimes() throws {
        for format in ["srt", "vtt", "diarized_json"] {
            #expect(refusal(#""response_format":"\#(format)""#, Self.translation)?.param == "response_format")
        }
        let verbose = try SplitRun(
            #"{"model":"qwen3-asr-flash","file":"https://a/b.mp3","response_format":"verbose_json"}"#,
            Self.translation
        )
        #expect(verbose.bodies[0]["model"]?.text == "qwen3-asr-flash")
        #expect(
            verbose.request.adjustments.texts == [
                "response_format;from=segments;to=none;reason=a translation has no times"
            ]
        )
    }
}
