import APITranslation
import JSONBytes
import NIOCore
import TestSupport
import Testing

struct ResponseLawTests {
    private static func reply(seed: UInt64) -> (NativeReply, SeededGenerator) {
        var random = SeededGenerator(seed: seed)
        var reply = NativeReply(using: &random)
        reply.choices.removeLast(reply.choices.count - 1)
        reply.outputTokens.removeLast(reply.outputTokens.count - 1)
        return (reply, random)
    }

    private static func context(_ reply: NativeReply) -> ResponsesReplyContext {
        var context = ResponsesReplyContext(model: "gpt-x", created: 1)
        context.isCumulative = reply.isCumulative
        context.searchQuery = "a \"query\""
        context.tellsSources = true
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
        #expect(try ResponseAccumulator.read(stream.text).response == expected)
        #expect(folded.facts == whole.facts && stream.facts == whole.facts)
        try Self.check(expected, reply)
    }

    /// What every answer has to say.
    private static func check(_ response: JSON, _ reply: NativeReply) throws {
        let choice = try #require(reply.choices.first)
        let items = try #require(response["output"]).elements
        func all(_ type: String) -> [JSON] { items.filter { $0["type"]?.text == type } }
        #expect(all("message").compactMap { $0["content"]?[0]?["text"]?.text }.joined() == choice.content)
        #expect(all("reasoning").compactMap { $0["summary"]?[0]?["text"]?.text }.joined() == choice.reasoning)
        let calls = all("function_call")
        #expect(calls.compactMap { $0["call_id"]?.text } == choice.calls.map(\.id))
        for (call, native) in zip(calls, choice.calls) {
            #expect(call["arguments"]?.text == (native.arguments.isEmpty ? "{}" : native.arguments))
        }
        #expect(response["status"]?.text == (choice.finish == "length" ? "incomplete" : "completed"))
        #expect(Set(items.compactMap { $0["id"]?.text }).count == items.count)
        let usage = try #require(response["usage"])
        #expect(usage["output_tokens"]?.int == reply.outputTokens.first)
    }

    @Test(arguments: 0..<20 as Range<UInt64>) func everyDivisionOfTheBytesGivesTheSameEvents(seed: UInt64) throws {
        var (reply, random) = Self.reply(seed: seed)
        let context = Self.context(reply)
        let events = reply.events(using: &random)
        let text = events.map { "id:1\nevent:result\n:HTTP_STATUS/200\ndata:\($0)\n\n" }.joined()
        let expected = ReplyRun.stream(events, context).text
        for division in ByteDivision.all(of: text, random: 5, seed: seed) {
            #expect(try MessageLawTests.stream(division, context) == expected)
        }
    }
}
