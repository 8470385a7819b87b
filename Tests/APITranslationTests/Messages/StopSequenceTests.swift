import JSONBytes
import NIOCore
import Testing

@testable import APITranslation

/// Stop sequences that upstream has not cut at.
struct StopSequenceTests {
    private static func event(_ content: String, finish: String = "null", calls: String = "") -> String {
        #"{"output":{"choices":[{"message":{"role":"assistant","content":\#(NativeReply.quote(content)),"#
            + #""tool_calls":[\#(calls)]},"finish_reason":"\#(finish)"}]},"usage":{"input_tokens":1,"output_tokens":2},"#
            + #""request_id":"r-1"}"#
    }

    private static func message(_ pieces: [String], stops: [String], finish: String = "stop") throws -> JSON {
        var context = MessagesReplyContext(model: "claude-x", created: 1)
        context.stopSequences = stops
        let events = pieces.map { event($0) } + [event("", finish: finish)]
        let stream = ReplyRun.stream(events, context)
        let folded = ReplyRun.fold(events, context)
        let whole = ReplyRun.whole(event(pieces.joined(), finish: finish), context)
        let message = try folded.json
        #expect(try MessageAccumulator.message(of: stream) == message)
        #expect(try whole.json == message)
        return message
    }

    @Test(arguments: [
        (["one END two"], ["END"], "one ", "END"),
        (["one E", "ND two"], ["END"], "one ", "END"),
        (["one E", "N", "x END"], ["END"], "one ENx ", "END"),
        (["aab"], ["aab"], "", "aab"),
        (["a", "a", "a", "b!"], ["aab"], "a", "aab"),
        (["x\n\nHuman: y"], ["\n\nHuman:", "Human:"], "x", "\n\nHuman:"),
        (["你好", "。再见"], ["。", "见"], "你好", "。"),
        (["say \"stop\" now"], ["\"stop\""], "say ", "\"stop\""),
    ])
    func theTextEndsBeforeTheSequenceThatIsNamed(
        pieces: [String],
        stops: [String],
        text: String,
        sequence: String
    ) throws {
        let message = try Self.message(pieces, stops: stops)
        #expect((message["content"]?.elements ?? []).compactMap { $0["text"]?.text }.joined() == text)
        #expect(message["stop_reason"]?.text == "stop_sequence")
        #expect(message["stop_sequence"]?.text == sequence)
    }

    @Test(arguments: [["one E"], ["one ", "E", "N"], ["E"]])
    func theBeginningOfASequenceIsText(pieces: [String]) throws {
        let message = try Self.message(pieces, stops: ["END"])
        #expect(message["content"]?[0]?["text"]?.text == pieces.joined())
        #expect(message["stop_reason"]?.text == "end_turn")
        #expect(message["stop_sequence"] == .null)
    }

    @Test func whatIsHeldBelongsBeforeTheCallThatFollows() throws {
        var context = MessagesReplyContext(model: "claude-x", created: 1)
        context.stopSequences = ["END"]
        let call = #"{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":"{\"END\":1}"}}"#
        let events = [Self.event("x EN"), Self.event("", finish: "tool_calls", calls: call)]
        let message = try ReplyRun.fold(events, context).json
        #expect(try MessageAccumulator.message(of: ReplyRun.stream(events, context)) == message)
        #expect(message["content"]?[0]?["text"]?.text == "x EN")
        #expect(message["content"]?[1]?["input"]?["END"]?.int == 1)
        #expect(message["stop_reason"]?.text == "tool_use")
    }

    @Test func nothingFollowsTheSequence() throws {
        var context = MessagesReplyContext(model: "claude-x", created: 1)
        context.stopSequences = ["END"]
        let call = #"{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}"#
        let events = [Self.event("x END"), Self.event("more", finish: "tool_calls", calls: call)]
        let message = try ReplyRun.fold(events, context).json
        #expect(try MessageAccumulator.message(of: ReplyRun.stream(events, context)) == message)
        #expect(message["content"]?.elements.count == 1)
        #expect(message["stop_reason"]?.text == "stop_sequence")
    }

    /// What is held of a text is bounded by the sequences, and a text of any pieces comes out whole.
    @Test func aTextWithoutTheSequencePassesUnchanged() throws {
        let text = String(repeating: "abababac\t\"é\" ", count: 50)
        var stops = StopSequences(["ababababab", "é\"!"])
        var passed = ByteBuffer()
        for character in text {
            let piece = ByteBuffer(string: String(NativeReply.quote(String(character)).dropFirst().dropLast()))
            var part = piece.withUnsafeReadableBytes { stops.take($0) }
            passed.writeBuffer(&part)
        }
        var rest = stops.flush()
        passed.writeBuffer(&rest)
        #expect(try JSON(parsing: "\"" + String(buffer: passed) + "\"") == .string(text))
        #expect(stops.found == nil)
    }
}
