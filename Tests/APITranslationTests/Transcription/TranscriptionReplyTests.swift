import Foundation
import JSONBytes
import NIOCore
import Testing

@testable import APITranslation

/// What clients read of native transcripts.
struct TranscriptionReplyTests {
    private static let translator = TranscriptionTranslator(catalog: ModelCatalog())
    private static let link = "https://a.example/1.json"
    private static let result =
        #"{"request_id":"r","output":{"task_status":"SUCCEEDED","results":[{"file_url":"https://a/a.wav","transcription_url":"\#(link)","subtask_status":"SUCCEEDED"}]},"usage":{"duration":9}}"#
    private static let document =
        #"{"file_url":"https://a/a.wav","properties":{"original_duration_in_milliseconds":3725000},"transcripts":[{"channel_id":0,"text":"Good morning. How <are> you?","sentences":[{"begin_time":0,"end_time":1005,"text":"Good morning.","sentence_id":1,"speaker_id":0,"words":[{"begin_time":0,"end_time":500,"text":"Good ","punctuation":""},{"begin_time":500,"end_time":1005,"text":"morning","punctuation":"."}]},{"begin_time":1050,"end_time":3723004,"text":"How <are>\n\nyou?","sentence_id":2,"speaker_id":27}]}]}"#

    private func run(_ members: String, model: String = "paraformer-v2") throws -> SplitRun {
        try SplitRun(#"{"model":"\#(model)","file":"https://a/a.wav",\#(members)}"#, Self.translator)
    }

    private func answer(
        _ members: String,
        model: String = "paraformer-v2",
        result: String = result,
        document: String? = document
    ) throws -> String {
        try run(members, model: model).answer([result], files: document.map { [$0] } ?? [])
    }

    @Test func plainForms() throws {
        #expect(
            try answer(#""response_format":"json""#)
                == #"{"text":"Good morning. How <are> you?","usage":{"type":"duration","seconds":9}}"#
        )
        #expect(try answer(#""response_format":"text""#) == "Good morning. How <are> you?\n")
        #expect(
            try answer(#""response_format":"srt""#) == """
                1
                00:00:00,000 --> 00:00:01,005
                Good morning.

                2
                00:00:01,050 --> 01:02:03,004
                How <are>
                you?


                """
        )
        #expect(
            try answer(#""response_format":"vtt""#) == """
                WEBVTT

                00:00:00.000 --> 00:00:01.005
                Good morning.

                00:00:01.050 --> 01:02:03.004
                How &lt;are&gt;
                you?


                """
        )
    }

    @Test(arguments: [
        ("json", "application/json"), ("text", "text/plain; charset=utf-8"), ("srt", "text/plain; charset=utf-8"),
        ("vtt", "text/vtt; charset=utf-8"), ("verbose_json", "application/json"),
    ])
    func eachFormHasItsType(format: String, type: String) throws {
        #expect("\(try run(#""response_format":"\#(format)""#).request.reply.contentType)" == type)
    }

    @Test func segmentsAndWordsHaveExactSeconds() throws {
        let both = try JSON(
            parsing: answer(
                #""response_format":"verbose_json","timestamp_granularities":["segment","word"],"language":"zh","temperature":0.5"#
            )
        )
        #expect(both["duration"] == .number(3725))
        #expect(both["language"]?.text == "chinese")
        #expect(both["task"]?.text == "transcribe")
        #expect(both["segments"]?.elements.map { $0["start"] } == [.number(0), .number(1.05)])
        #expect(both["segments"]?.elements.map { $0["end"] } == [.number(1.005), .number(3723.004)])
        #expect(both["segments"]?.elements.map { $0["speaker_id"] } == [.number(0), .number(27)])
        let keys = [
            "id", "seek", "start", "end", "text", "tokens", "temperature", "avg_logprob", "compression_ratio",
            "no_speech_prob",
        ]
        for segment in both["segments"]?.elements ?? [] { #expect(keys.allSatisfy { segment[$0] != nil }) }
        #expect(both["segments"]?.elements.first?["temperature"] == .number(0.5))
        #expect(both["words"]?.elements.map { $0["word"]?.text } == ["Good", "morning"])
        #expect(both["words"]?.elements.last?["punctuation"]?.text == ".")
        let words = try JSON(
            parsing: answer(#""response_format":"verbose_json","timestamp_granularities":["word"]"#)
        )
        #expect(words["segments"] == nil)
        #expect(words["words"]?.elements.count == 2)
        let segments = try JSON(parsing: answer(#""response_format":"verbose_json""#))
        #expect(segments["words"] == nil)
        #expect(segments["language"]?.text == "unknown")
    }

    @Test func speakersHaveLetters() throws {
        let answer = try JSON(parsing: answer(#""response_format":"diarized_json""#))
        #expect(answer["segments"]?.elements.map { $0["speaker"]?.text } == ["A", "AB"])
        #expect(answer["segments"]?.elements.map { $0["id"]?.text } == ["seg_0", "seg_1"])
        #expect(answer["segments"]?.elements.first?["type"]?.text == "transcript.text.segment")
        #expect(answer["duration"] == .number(3725))
    }

    @Test func theOtherTaskHasOneResult() throws {
        let result =
            #"{"output":{"task_status":"SUCCEEDED","result":{"transcription_url":"\#(Self.link)"}},"usage":{"seconds":3}}"#
        let document =
            #"{"file_url":"u","audio_info":{"format":"mp3"},"transcripts":[{"channel_id":0,"text":"Senior staff.","sentences":[{"sentence_id":0,"begin_time":0,"end_time":1440,"language":"en","emotion":"neutral","text":"Senior staff."}]}]}"#
        let answer = try JSON(
            parsing: answer(
                #""response_format":"verbose_json""#,
                model: "qwen3-asr-flash-filetrans",
                result: result,
                document: document
            )
        )
        #expect(answer["duration"] == .number(3))
        #expect(answer["language"]?.text == "english")
        #expect(answer["segments"]?.elements.first?["emotion"]?.text == "neutral")
        #expect(answer["audio_info"]?["format"]?.text == "mp3")
        #expect(answer["usage"] == (try JSON(parsing: #"{"type":"duration","seconds":3}"#)))
    }

    @Test func channelsAreMergedByTime() throws {
        let document =
            #"{"transcripts":[{"channel_id":0,"text":"a c","sentences":[{"begin_time":0,"end_time":1,"text":"a"},{"begin_time":9,"end_time":10,"text":"c"}]},{"channel_id":1,"text":"b","sentences":[{"begin_time":5,"end_time":6,"text":"b"}]}]}"#
        let answer = try JSON(
            parsing: answer(#""response_format":"verbose_json","channel_id":[0,1]"#, document: document)
        )
        #expect(answer["text"]?.text == "a c\nb")
        #expect(answer["segments"]?.elements.map { $0["text"]?.text } == ["a", "b", "c"])
        #expect(answer["segments"]?.elements.map { $0["channel_id"] } == [.number(0), .number(1), .number(0)])
    }

    @Test func marksStandBesideTheText() throws {
        let document =
            #"{"transcripts":[{"channel_id":0,"text":"<|Speech|> a < b |> <|nothing<|/Speech|><|HAPPY|>","sentences":[{"begin_time":0,"end_time":1,"text":"<|Speech|> a <|/Speech|><|HAPPY|>"}]}]}"#
        let json = try JSON(parsing: answer(#""language":null"#, model: "sensevoice-v1", document: document))
        #expect(json["text"]?.text == "a < b |> <|nothing")
        #expect(json["marks"] == (try JSON(parsing: #"["Speech","HAPPY"]"#)))
        // Others say what they say.
        let other = try JSON(parsing: answer(#""language":null"#, document: document))
        #expect(other["text"]?.text?.hasPrefix("<|Speech|>") == true)
    }

    // MARK: - Silence and failures

    @Test(arguments: [
        #"{"output":{"task_status":"FAILED","code":"SUCCESS_WITH_NO_VALID_FRAGMENT","message":"m"}}"#,
        #"{"output":{"task_status":"SUCCEEDED","results":[{"file_url":"u","code":"SUCCESS_WITH_NO_VALID_FRAGMENT","message":"m","subtask_status":"FAILED"}]}}"#,
    ])
    func silenceIsAnEmptyTranscript(result: String) throws {
        #expect(try answer(#""language":"en""#, result: result, document: nil) == #"{"text":""}"#)
        let verbose = try JSON(
            parsing: answer(#""response_format":"verbose_json""#, result: result, document: nil)
        )
        #expect(verbose["text"]?.text == "")
        #expect(verbose["segments"]?.elements.isEmpty == true)
        #expect(verbose["duration"] == .number(0))
        #expect(try answer(#""response_format":"vtt""#, result: result, document: nil) == "WEBVTT\n\n")
    }

    @Test(arguments: [
        ("InvalidFile.DownloadFailed", 400, "invalid_file"), ("FILE_403_FORBIDDEN", 400, "invalid_file"),
        ("FILE_TOO_LARGE", 400, "invalid_file"), ("DECODE_ERROR", 400, "invalid_file"),
        ("InternalError.Timeout", 504, "timeout"), ("DataInspectionFailed", 400, "content_filter"),
    ])
    func aFailedFileIsAnError(code: String, status: Int, name: String) throws {
        let result =
            #"{"output":{"task_status":"SUCCEEDED","results":[{"file_url":"u","code":"\#(code)","message":"why","subtask_status":"FAILED"}]}}"#
        let run = try run(#""language":"en""#)
        let error = #expect(throws: APIError.self) { try run.answer([result]) }
        #expect(error?.status == status)
        #expect(error?.code == name)
        #expect(error?.message == "why")
        if name == "invalid_file", let error { #expect(run.request.reply.member(of: error) == "file") }
    }

    @Test(arguments: ["", "[]", "{}", #"{"transcripts":{}}"#])
    func aDocumentThatIsNoneIsAnError(document: String) throws {
        let run = try run(#""language":"en""#)
        let error = #expect(throws: APIError.self) { try run.answer([Self.result], files: [document]) }
        #expect(error?.status == 502)
        #expect(error?.shouldRetry == false)
    }

    // MARK: - Streams

    @Test func aTaskIsOneDeltaAndTheEnd() throws {
        let run = try run(#""stream":true"#)
        #expect(
            try run.answer([Self.result], files: [Self.document])
                == """
                data: {"type":"transcript.text.delta","delta":"Good morning. How <are> you?"}

                data: {"type":"transcript.text.done","text":"Good morning. How <are> you?","seconds":9}


                """
        )
    }

    @Test func segmentsOfSpeakersAreEvents() throws {
        let run = try run(#""stream":true,"response_format":"diarized_json""#)
        let events = try run.answer([Self.result], files: [Self.document]).components(separatedBy: "\n\n").dropLast()
        #expect(events.count == 3)
        #expect(events[0].hasPrefix(#"data: {"type":"transcript.text.segment","id":"seg_0","start":0.0,"end":1.005"#))
        #expect(events[2].hasPrefix(#"data: {"type":"transcript.text.done""#))
    }

    @Test func textComesAsItIsHeard() throws {
        let run = try run(#""stream":true"#, model: "qwen3-asr-flash")
        let event = { (text: String, finish: String, usage: String) in
            #"{"output":{"choices":[{"finish_reason":"\#(finish)","message":{"role":"assistant","annotations":[{"type":"audio_info","language":"en"}],"content":[{"text":"\#(text)"}]}}]},"usage":\#(usage),"request_id":"r"}"#
        }
        let answer = try run.answer(streams: [
            [
                event("Wel", "null", "{}"), event("come \\\"A\\\"", "null", "{}"), event("", "stop", #"{"seconds":2}"#),
            ]
        ])
        #expect(
            answer == """
                data: {"type":"transcript.text.delta","delta":"Wel"}

                data: {"type":"transcript.text.delta","delta":"come \\"A\\""}

                data: {"type":"transcript.text.done","text":"Welcome \\"A\\"","annotations":[{"type":"audio_info","language":"en"}],"seconds":2}


                """
        )
    }

    @Test func countsOfTokensAreTokens() throws {
        let run = try run(#""language":null"#, model: "qwen3-asr-flash")
        let native =
            #"{"output":{"choices":[{"finish_reason":"stop","message":{"role":"assistant","content":[]}}]},"usage":{"input_tokens":30,"output_tokens":4,"total_tokens":34,"input_tokens_details":{"text_tokens":5,"audio_tokens":25}},"request_id":"r"}"#
        let answer = try JSON(parsing: run.answer([native]))
        #expect(answer["text"]?.text == "")
        #expect(
            answer["usage"]
                == (try JSON(
                    parsing:
                        #"{"type":"tokens","input_tokens":30,"input_token_details":{"text_tokens":5,"audio_tokens":25},"output_tokens":4,"total_tokens":34,"input_tokens_details":{"text_tokens":5,"audio_tokens":25}}"#
                ))
        )
    }
}
