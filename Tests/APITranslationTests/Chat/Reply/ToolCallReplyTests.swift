import APITranslation
import Testing

struct ToolCallReplyTests {
    private static func event(
        _ calls: String,
        finish: String = "null",
        usage: String = #"{"input_tokens":1,"output_tokens":1}"#
    ) -> String {
        #"{"output":{"choices":[{"message":{"content":"","role":"assistant","tool_calls":["# + calls
            + #"]},"finish_reason":""# + finish + #""}]},"usage":"# + usage + #","request_id":"r-1"}"#
    }

    private static func call(_ arguments: String, id: String = "", name: String = "", index: Int? = 0) -> String {
        let place = index.map { "\"index\":\($0)," } ?? ""
        return #"{\#(place)"id":"\#(id)","type":"function","function":{"name":"\#(name)","arguments":"#
            + NativeReply.quote(arguments) + "}}"
    }

    private static func events(_ pieces: [String], finish: String) -> [String] {
        pieces.enumerated().map { position, piece in
            event(
                position == 0 ? call(piece, id: "call_1", name: "tree") : call(piece),
                finish: position == pieces.count - 1 ? finish : "null"
            )
        }
    }

    private static func arguments(of run: ReplyRun) throws -> String {
        try run.deltas.compactMap { $0["tool_calls"]?[0]?["function"]?["arguments"]?.text }.joined()
    }

    @Test(arguments: [
        [#"{"a":"#, #"{"a":"#, "1}}"],
        [#"{"children": ["#, #"{"children": ["#, "]}]}"],
        ["{", "{", "}", "}"],
    ])
    func fragmentsThatRepeatTheirPredecessorsAreIncrements(pieces: [String]) throws {
        let events = Self.events(pieces, finish: "tool_calls")
        #expect(try Self.arguments(of: ReplyRun.stream(events)) == pieces.joined())
        let folded = try ReplyRun.fold(events).json
        let call = folded["choices"]?[0]?["message"]?["tool_calls"]?[0]
        #expect(call?["function"]?["arguments"]?.text == pieces.joined())
    }

    @Test func modelsThatRepeatTheTextRepeatArgumentsToo() throws {
        let events = Self.events([#"{"a":"#, #"{"a":1}"#], finish: "tool_calls")
        let context = ChatReplyContext(model: "m", created: 1, isCumulative: true)
        #expect(try Self.arguments(of: ReplyRun.stream(events, context)) == #"{"a":1}"#)
    }

    @Test(arguments: [
        ("stop", "tool_calls"), ("tool_calls", "tool_calls"), ("length", "length"),
        ("content_filter", "content_filter"), ("exhausted", "stop"),
    ])
    func onlyAnAnswerThatWasNotCutEndsBecauseOfItsCalls(native: String, expected: String) throws {
        let events = Self.events([#"{"city": "#, #""Han"#], finish: native)
        let stream = ReplyRun.stream(events)
        #expect(try stream.chunks.compactMap { $0["choices"]?[0]?["finish_reason"]?.text } == [expected])
        #expect(try ReplyRun.fold(events).json["choices"]?[0]?["finish_reason"]?.text == expected)
        let call = Self.call(#"{"city": "Han"#, id: "call_1", name: "weather")
        let whole = ReplyRun.whole(Self.event(call, finish: native))
        #expect(try whole.json["choices"]?[0]?["finish_reason"]?.text == expected)
        let shown = try whole.json["choices"]?[0]?["message"]?["tool_calls"]?[0]?["function"]?["arguments"]
        #expect(shown?.text == #"{"city": "Han"#)
    }

    @Test func callsThatWereCutBeforeTheirArgumentsStayEmpty() throws {
        let opening = [Self.event(Self.call("", id: "call_1", name: "now"), finish: "length")]
        #expect(try Self.arguments(of: ReplyRun.stream(opening)).isEmpty)
        let complete = [Self.event(Self.call("", id: "call_1", name: "now"), finish: "stop")]
        #expect(try Self.arguments(of: ReplyRun.stream(complete)) == "{}")
    }

    @Test(arguments: [true, false]) func manyCallsAreToldApart(hasIndexes: Bool) throws {
        let count = 300
        var events: [String] = []
        for piece in ["{\"n\":", "7}"] {
            for index in 0..<count {
                let isFirst = piece == "{\"n\":"
                events.append(
                    Self.event(
                        Self.call(
                            piece,
                            id: isFirst || !hasIndexes ? "call_\(index)" : "",
                            name: isFirst ? "f\(index)" : "",
                            index: hasIndexes ? index : nil
                        ),
                        finish: piece == "7}" && index == count - 1 ? "tool_calls" : "null"
                    )
                )
            }
        }
        let calls = try #require(ReplyRun.fold(events).json["choices"]?[0]?["message"]?["tool_calls"]).elements
        #expect(calls.count == count)
        for (index, call) in calls.enumerated() {
            #expect(call["id"]?.text == "call_\(index)")
            #expect(call["function"]?["name"]?.text == "f\(index)")
            #expect(call["function"]?["arguments"]?.text == "{\"n\":7}")
        }
    }

    @Test func moreCallsThanAnyModelMakesAreRefused() {
        let calls = (0..<4097).map { (index: Int) in Self.call("{}", id: "c\(index)", name: "f", index: index) }
            .joined(separator: ",")
        #expect(ReplyRun.whole(Self.event(calls, finish: "stop")).error?.code == "upstream_invalid_response")
    }
}
