import APITranslation
import JSONBytes
import NIOCore
import TestSupport
import Testing
import WireFormats

struct MessageLawTests {
    private static func reply(seed: UInt64) -> (NativeReply, SeededGenerator) {
        var random = SeededGenerator(seed: seed)
        var reply = NativeReply(using: &random)
        reply.choices.removeLast(reply.choices.count - 1)
        reply.outputTokens.removeLast(reply.outputTokens.count - 1)
        return (reply, random)
    }

    private static func context(_ reply: NativeReply) -> MessagesReplyContext {
        var context = MessagesReplyContext(model: "claude-x", created: 1)
        context.isCumulative = reply.isCumulative
        context.searchQuery = "a \"query\""
        return context
    }

    @Test(arguments: 0..<400 as Range<UInt64>)
    func foldingTheTranslatedStreamEqualsTranslatingTheFoldedReply(seed: UInt64) throws {
        var (reply, random) = Self.reply(seed: seed)
        let context = Self.context(reply)
        let body = reply.body(using: &random)
        let events = reply.events(using: &random)
        let whole = ReplyRun.whole(body, context)
        let folded = ReplyRun.fold(events, context)
        let stream = ReplyRun.stream(events, context)
        #expect(whole.error == nil && folded.error == nil && stream.error == nil)
        let expected = try whole.json
        #expect(try folded.json == expected)
        #expect(try MessageAccumulator.message(of: stream) == expected)
        #expect(folded.facts == whole.facts && stream.facts == whole.facts)
        try Self.check(expected, reply)
    }

    /// What every answer has to say.
    private static func check(_ message: JSON, _ reply: NativeReply) throws {
        let choice = try #require(reply.choices.first)
        let blocks = try #require(message["content"]).elements
        func texts(_ type: String, _ name: String) -> String {
            blocks.filter { $0["type"]?.text == type }.compactMap { $0[name]?.text }.joined()
        }
        #expect(texts("text", "text") == choice.content)
        #expect(texts("thinking", "thinking") == choice.reasoning)
        let calls = blocks.filter { $0["type"]?.text == "tool_use" }
        #expect(calls.compactMap { $0["id"]?.text } == choice.calls.map(\.id))
        for (call, native) in zip(calls, choice.calls) {
            #expect(call["input"] == (try JSON(parsing: native.arguments.isEmpty ? "{}" : native.arguments)))
        }
        let reason = choice.finish == "length" ? "max_tokens" : calls.isEmpty ? "end_turn" : "tool_use"
        #expect(message["stop_reason"]?.text == reason)
        let usage = try #require(message["usage"])
        let counts = ["input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"]
            .compactMap { usage[$0]?.int }
        #expect(counts.count == 3 && counts.reduce(0, +) == max(3, reply.inputTokens))
        #expect(usage["output_tokens"]?.int == reply.outputTokens.first)
    }

    @Test(arguments: 0..<20 as Range<UInt64>) func everyDivisionOfTheBytesGivesTheSameEvents(seed: UInt64) throws {
        var (reply, random) = Self.reply(seed: seed)
        let context = Self.context(reply)
        let events = reply.events(using: &random)
        let text = events.map { "id:1\nevent:result\n:HTTP_STATUS/200\ndata:\($0)\n\n" }.joined()
        let expected = ReplyRun.stream(events, context).text
        for division in ByteDivision.all(of: text, random: 5, seed: seed) {
            #expect(try Self.stream(division, context) == expected)
        }
    }

    static func stream(_ reads: [ByteBuffer], _ context: any ReplyContext) throws -> String {
        let reply = context.makeReply(isStreamed: true)
        var decoder = ServerSentEventDecoder()
        var output = ByteBuffer()
        let tape = JSONTape()
        for bytes in reads {
            decoder.append(bytes)
            while let event = try decoder.next() {
                _ = event.data.withUnsafeReadableBytes {
                    reply.receive($0, isError: event.isError, status: event.status, tape: tape, into: &output)
                }
            }
        }
        #expect(reply.finish(into: &output) == nil)
        return String(buffer: output)
    }

    @Test(arguments: 0..<200 as Range<UInt64>) func damagedEventsNeverBreakTheGrammar(seed: UInt64) throws {
        var (reply, random) = Self.reply(seed: seed)
        let context = Self.context(reply)
        var events = reply.events(using: &random)
        for index in events.indices where random.chance(30) {
            var bytes = Array(events[index].utf8)
            let position = Int.random(in: 0..<bytes.count, using: &random)
            bytes[position] = UInt8.random(in: 0...255, using: &random)
            events[index] = String(decoding: bytes, as: UTF8.self)
        }
        events.shuffle(using: &random)
        let run = ReplyRun.stream(events, context)
        let read = try MessageAccumulator.read(run.text)
        let folded = ReplyRun.fold(events, context)
        #expect((folded.error == nil) == (run.error == nil))
        if run.error == nil { #expect(try read.complete() == folded.json) }
    }
}
