import APITranslation
import JSONBytes
import NIOCore
import Testing

struct StreamEventTests {
    private static let usage = #""usage":{"input_tokens":3,"output_tokens":2}"#

    private static func event(_ content: String, finish: String = "null", index: Int? = nil, usage: String? = usage)
        -> String
    {
        let place = index.map { "\"index\":\($0)," } ?? ""
        return #"{"output":{"choices":[{\#(place)"message":{"content":"\#(content)","role":"assistant"},"#
            + #""finish_reason":"\#(finish)"}]},"# + (usage.map { $0 + "," } ?? "") + #""request_id":"r-1"}"#
    }

    @Test(arguments: [
        #"{"output":null,"request_id":"r-1"}"#, #"{"request_id":"r-1"}"#, "{}", "null",
        #"{"output":null,"code":"","message":"","error":null}"#, #"{"output":null,"code":null,"usage":{}}"#,
    ])
    func eventsWithNothingToReadAreSkipped(nothing: String) throws {
        for events in [
            [nothing, Self.event("a"), nothing, Self.event("b"), Self.event("", finish: "stop"), nothing],
            [Self.event("a"), nothing, Self.event("b", finish: "stop")],
        ] {
            let run = ReplyRun.stream(events)
            #expect(run.error == nil)
            #expect(try run.contentText == "ab")
            #expect(try run.chunks.allSatisfy { $0["id"]?.text == "chatcmpl-r-1" })
            #expect(ReplyRun.fold(events).error == nil)
        }
        #expect(ReplyRun.whole(nothing).error?.code == "upstream_invalid_response")
    }

    @Test func emptyEventsNamedErrorAreErrors() {
        let translator = ChatReplyContext.plain.makeReply(isStreamed: true)
        var output = ByteBuffer()
        let outcome = ByteBuffer(string: #"{"output":null,"request_id":"r-1"}"#).withUnsafeReadableBytes {
            translator.receive($0, isError: true, status: nil, tape: JSONTape(), into: &output)
        }
        guard case .refused = outcome else {
            Issue.record("\(outcome)")
            return
        }
    }

    @Test(arguments: [#"\ud83d"#, #"\ude42"#, #"\ud83d x"#, #"\ud83d\ud83d\ude42"#])
    func halfASurrogatePairDoesNotCostTheAnswer(half: String) throws {
        let shown = half.contains("x") ? "\u{FFFD} x" : half.count > 12 ? "\u{FFFD}🙂" : "\u{FFFD}"
        let events = [Self.event("a" + half), Self.event("b", finish: "stop")]
        let stream = ReplyRun.stream(events)
        #expect(stream.error == nil)
        #expect(try stream.contentText == "a\(shown)b")
        #expect(try ReplyRun.fold(events).json["choices"]?[0]?["message"]?["content"]?.text == "a\(shown)b")
        let whole = ReplyRun.whole(Self.event("a" + half, finish: "stop"))
        #expect(try whole.json["choices"]?[0]?["message"]?["content"]?.text == "a\(shown)")
    }

    @Test func bytesThatAreNoUTF8DoNotCostTheAnswer() throws {
        var body = ByteBuffer(string: #"{"output":{"choices":[{"message":{"content":"a"#)
        body.writeBytes([0xED, 0xA0, 0xBD, 0xFF])
        body.writeString(#"b","role":"assistant"},"finish_reason":"stop"}]},"request_id":"r"}"#)
        let content = try ReplyRun.whole(body).json["choices"]?[0]?["message"]?["content"]?.text
        #expect(content == "a\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}b")
    }

    @Test func anErrorThatFollowsABrokenLineIsToldAsItIs() {
        let translator = ChatReplyContext.plain.makeReply(isStreamed: true)
        var output = ByteBuffer()
        let tape = JSONTape()
        var outcomes: [ReplyOutcome] = []
        for (text, isError) in [
            (Self.event("a"), false), (#"{"output":{"choices":["#, false),
            (#"{"code":"Throttling","message":"slow down","request_id":"r-1"}"#, true),
        ] {
            let outcome = ByteBuffer(string: text).withUnsafeReadableBytes {
                translator.receive($0, isError: isError, status: nil, tape: tape, into: &output)
            }
            outcomes.append(outcome)
        }
        guard case .refused(let error) = outcomes.last else {
            Issue.record("\(outcomes)")
            return
        }
        #expect(error.status == 429)
    }

    // MARK: - The end

    private static func outcomes(_ events: [String], choices: Int = 1) -> [ReplyOutcome] {
        let context = ChatReplyContext(model: "m", created: 1, choices: choices)
        let translator = context.makeReply(isStreamed: true)
        let folder = context.makeReply(isStreamed: false)
        var output = ByteBuffer()
        var nothing = ByteBuffer()
        let tape = JSONTape()
        return events.map { event in
            ByteBuffer(string: event).withUnsafeReadableBytes {
                let outcome = translator.receive($0, isError: false, status: nil, tape: tape, into: &output)
                let folded = folder.receive($0, isError: false, status: nil, tape: tape, into: &nothing)
                #expect(folded == outcome && nothing.readableBytes == 0)
                return outcome
            }
        }
    }

    @Test func theAnswerIsCompleteWithItsLastReasonAndUsage() {
        #expect(Self.outcomes([Self.event("a"), Self.event("", finish: "stop")]) == [.progress, .complete])
    }

    @Test func usageBeforeTheReasonIsNotTheLast() {
        let events = [Self.event("a"), Self.event("", finish: "stop", usage: nil)]
        #expect(Self.outcomes(events) == [.progress, .choicesEnded])
        #expect(
            Self.outcomes(events + ["{\"output\":null,\(Self.usage)}"]) == [.progress, .choicesEnded, .complete]
        )
        #expect(Self.outcomes(events + ["[DONE]"]) == [.progress, .choicesEnded, .complete])
    }

    @Test func everyChoiceThatWasAskedForMustEnd() {
        let events = [
            Self.event("a", finish: "stop", index: 0), Self.event("b", index: 1),
            Self.event("", finish: "length", index: 1),
        ]
        #expect(Self.outcomes(events, choices: 2) == [.progress, .progress, .complete])
        #expect(Self.outcomes(events, choices: 3) == [.progress, .progress, .progress])
    }

    @Test func sourcesThatChangeOftenAreToldAFewTimesAndAtTheEnd() throws {
        let events = (0..<40).map { number in
            #"{"output":{"choices":[{"message":{"content":"x"},"finish_reason":"\#(number == 39 ? "stop" : "null")"}],"#
                + #""search_info":{"n":\#(number),"search_results":[{"index":1,"url":"https://a.example"}]}},"#
                + #""request_id":"r"}"#
        }
        let told = try ReplyRun.stream(events).chunks.compactMap { $0["search_info"] }
        #expect(told.count == 9)
        #expect(told.last?["n"]?.int == 39)
        #expect(try ReplyRun.fold(events).json["search_info"]?["n"]?.int == 39)
    }
}
