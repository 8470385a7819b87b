import JSONBytes
import NIOCore
import Testing

@testable import APITranslation

struct PlainReplyTests {
    private static let plainReplies = [
        #"{"output":{"choices":[{"finish_reason":"stop","message":{"role":"assistant","content":"hi \n\u4f60"}}]},"usage":{"total_tokens":9,"output_tokens":5,"input_tokens":4,"prompt_tokens_details":{"cached_tokens":0}},"request_id":"r-1"}"#,
        #"{"request_id":"r-1","usage":{"input_tokens":4,"output_tokens":5},"output":{"choices":[{"message":{"content":"","role":"assistant"},"finish_reason":"length"}]}}"#,
        #"{"output":{"choices":[{"message":{"content":"x","role":"assistant"},"finish_reason":"stop"}]},"usage":{"input_tokens":1,"output_tokens":2,"prompt_tokens_details":{}},"request_id":"r"}"#,
    ]

    private static let otherReplies = [
        #"{"output":{"choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"x"}}]},"usage":{},"request_id":"r"}"#,
        #"{"output":{"choices":[{"finish_reason":"tool_calls","message":{"role":"assistant","content":"","tool_calls":[{"index":0,"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]}}]},"usage":{"input_tokens":1,"output_tokens":2},"request_id":"r"}"#,
        #"{"output":{"choices":[{"finish_reason":"stop","message":{"role":"assistant","content":[{"text":"x"}]}}]},"usage":{"input_tokens":1,"output_tokens":2},"request_id":"r"}"#,
        #"{"code":"InternalError","message":"m","request_id":"r"}"#,
        #"{"output":{"choices":[{"finish_reason":"stop","message":{"role":"assistant","content":"x","reasoning_content":"y"}}]},"usage":{"input_tokens":1,"output_tokens":2},"request_id":"r"}"#,
    ]

    /// Kept: values read from a tape live as long as it.
    private let tape = JSONTape()
    private let context = ChatReplyContext(model: "qwen-plus", created: 7)

    private func translatePlainly(_ text: String) throws -> String? {
        let body = ByteBuffer(string: text)
        var output = ByteBuffer()
        return try body.withUnsafeReadableBytes {
            let root = try tape.parse($0)
            guard PlainReply.translate(root, context: context, into: &output) != nil else { return nil }
            return String(buffer: output)
        }
    }

    @Test(arguments: plainReplies) func theShortWayGivesTheBytesOfTheLongOne(text: String) throws {
        let body = ByteBuffer(string: text)
        let long = WholeTranslation<CompletionWriter>(context: context) { $0.native }
        var general = ByteBuffer()
        _ = try body.withUnsafeReadableBytes { long.receive(generally: try tape.parse($0)) }
        #expect(long.finish(into: &general) == nil)
        #expect(try translatePlainly(text) == String(buffer: general))
        var short = ByteBuffer()
        let facts = try body.withUnsafeReadableBytes {
            PlainReply.translate(try tape.parse($0), context: context, into: &short)
        }
        #expect(facts == long.facts)
    }

    @Test(arguments: otherReplies) func whatIsNotPlainTakesTheLongWay(text: String) throws {
        #expect(try translatePlainly(text) == nil)
    }

    @Test func anAnswerWithoutRequestIDTakesTheFallback() throws {
        let body =
            #"{"output":{"choices":[{"finish_reason":"stop","message":{"role":"assistant","content":"x"}}]},"usage":{}}"#
        var context = context
        context.fallbackID = "req_1"
        #expect(ReplyRun.whole(body, context).text.hasPrefix(#"{"id":"chatcmpl-req_1","#))
    }
}
