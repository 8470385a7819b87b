import APITranslation
import JSONBytes
import NIOCore
import Testing

struct MessageReplyTests {
    private static let context = MessagesReplyContext(model: "claude-x", created: 1)

    private static func event(
        _ content: String = "",
        reasoning: String = "",
        calls: [String] = [],
        finish: String = "null",
        usage: String = #"{"input_tokens":10,"output_tokens":4}"#
    ) -> String {
        #"{"output":{"choices":[{"message":{"role":"assistant","content":\#(NativeReply.quote(content)),"#
            + #""reasoning_content":\#(NativeReply.quote(reasoning)),"tool_calls":[\#(calls.joined(separator: ","))]},"#
            + #""finish_reason":"\#(finish)"}]},"usage":\#(usage),"request_id":"r-1"}"#
    }

    private static func call(_ index: Int, _ arguments: String, id: String = "", name: String = "") -> String {
        #"{"index":\#(index),"id":"\#(id)","type":"function","function":{"name":"\#(name)","#
            + #""arguments":\#(NativeReply.quote(arguments))}}"#
    }

    /// The message that the stream and the folded answer agree upon.
    private static func message(_ events: [String], _ context: MessagesReplyContext = context) throws -> JSON {
        let stream = ReplyRun.stream(events, context)
        let folded = ReplyRun.fold(events, context)
        #expect(stream.error == nil && folded.error == nil)
        let message = try folded.json
        #expect(try MessageAccumulator.message(of: stream) == message)
        return message
    }

    private static func blocks(_ message: JSON) -> [String] {
        (message["content"] ?? .null).elements.map { block in
            switch block["type"]?.text {
            case "text": "text:" + (block["text"]?.text ?? "")
            case "thinking": "thinking:" + (block["thinking"]?.text ?? "")
            case "tool_use": "tool:" + (block["id"]?.text ?? "")
            case let type: type ?? ""
            }
        }
    }

    // MARK: - Fixtures

    @Test func theFullStreamIsWrittenAsItsFixtureSays() throws {
        var context = MessagesReplyContext(model: "claude-sonnet", created: 1)
        context.estimatedInputTokens = 42
        context.searchQuery = "weather in \"Oslo\""
        context.toolNames = ["get_weather": "GetWeather"]
        let native = ByteBuffer(string: try Fixture.text("messages/full.native.sse"))
        let expected = try Fixture.text("messages/full.reply.sse")
        #expect(try MessageLawTests.stream([native], context) == expected)
        let events = try Fixture.text("messages/full.native.sse").split(separator: "\n")
            .filter { $0.hasPrefix("data:") }.map { String($0.dropFirst(5)) }
        let whole = try JSON(parsing: try Fixture.text("messages/full.reply.json"))
        #expect(try ReplyRun.fold(events, context).json == whole)
    }

    // MARK: - One block at a time

    @Test func fragmentsOfAnotherCallWaitForTheOpenOne() throws {
        let message = try Self.message([
            Self.event(calls: [Self.call(0, #"{"a":{"#, id: "c0", name: "f")]),
            Self.event(calls: [Self.call(1, #"{"b":"#, id: "c1", name: "g")]),
            Self.event(calls: [Self.call(0, #""x":"}"}"#)]), Self.event(calls: [Self.call(1, "1")]),
            Self.event(calls: [Self.call(0, "}")]), Self.event(calls: [Self.call(1, "}")], finish: "tool_calls"),
        ])
        #expect(Self.blocks(message) == ["tool:c0", "tool:c1"])
        #expect(message["content"]?[0]?["input"] == (try JSON(parsing: #"{"a":{"x":"}"}}"#)))
        #expect(message["content"]?[1]?["input"] == (try JSON(parsing: #"{"b":1}"#)))
    }

    @Test func theNextCallIsStreamedAsSoonAsTheOpenOneIsComplete() throws {
        let events = [
            Self.event(calls: [Self.call(0, #"{"a":1}"#, id: "c0", name: "f")]),
            Self.event(calls: [Self.call(1, #"{"b":"#, id: "c1", name: "g")]),
        ]
        let reply = Self.context.makeReply(isStreamed: true)
        var output = ByteBuffer()
        let tape = JSONTape()
        for event in events {
            output.clear()
            _ = ByteBuffer(string: event).withUnsafeReadableBytes {
                reply.receive($0, isError: false, status: nil, tape: tape, into: &output)
            }
        }
        let text = String(buffer: output)
        #expect(text.contains(#""id":"c1""#) && text.contains(#"{\"b\":"#))
    }

    @Test func textBetweenTheArgumentsOfACallFollowsIt() throws {
        let message = try Self.message([
            Self.event("Before."), Self.event(calls: [Self.call(0, #"{"a":"#, id: "c0", name: "f")]),
            Self.event("After", reasoning: "Hm"), Self.event("."), Self.event(calls: [Self.call(0, "1}")]),
            Self.event("End.", finish: "stop"),
        ])
        #expect(Self.blocks(message) == ["text:Before.", "tool:c0", "thinking:Hm", "text:After.End."])
        #expect(message["content"]?[1]?["input"] == (try JSON(parsing: #"{"a":1}"#)))
    }

    @Test func reasoningAndTextOfOneEventAreTwoBlocks() throws {
        let message = try Self.message([
            Self.event(reasoning: "a"), Self.event("x", reasoning: "b"), Self.event(reasoning: "c"),
            Self.event("y", finish: "stop"),
        ])
        #expect(Self.blocks(message) == ["thinking:ab", "text:x", "thinking:c", "text:y"])
        #expect(message["content"]?[0]?["signature"]?.text?.isEmpty == false)
    }

    @Test func anAnswerWithoutTextHasNoBlocks() throws {
        let message = try Self.message([Self.event(finish: "stop")])
        #expect(message["content"] == .array([]))
        #expect(message["stop_reason"]?.text == "end_turn")
        #expect(message["stop_sequence"] == .null)
    }

    // MARK: - Thinking

    @Test func omittedThinkingIsASignedEmptyBlock() throws {
        var context = Self.context
        context.omitsThinking = true
        let message = try Self.message([Self.event(reasoning: "secret"), Self.event("x", finish: "stop")], context)
        #expect(Self.blocks(message) == ["thinking:", "text:x"])
        #expect(message["content"]?[0]?["signature"]?.text?.isEmpty == false)
        #expect(!ReplyRun.stream([Self.event(reasoning: "secret", finish: "stop")], context).text.contains("secret"))
    }

    // MARK: - Why it ended

    @Test(arguments: [
        ("stop", "tool_use"), ("tool_calls", "tool_use"), ("length", "max_tokens"), ("content_filter", "refusal"),
    ])
    func aCallEndsTheTurnUnlessTheAnswerWasCut(native: String, expected: String) throws {
        let calls = [Self.call(0, #"{"city": "Han"#, id: "c0", name: "f")]
        let message = try Self.message([Self.event(calls: calls, finish: native)])
        #expect(message["stop_reason"]?.text == expected)
        // Not an object: kept as text.
        #expect(message["content"]?[0]?["input"]?["INVALID_JSON"]?.text == #"{"city": "Han"#)
    }

    @Test func maxTokensOfZeroAnswersNothing() throws {
        var context = Self.context
        context.wantsNothing = true
        let message = try Self.message([Self.event("x", reasoning: "y", finish: "length")], context)
        #expect(message["content"] == .array([]))
        #expect(message["stop_reason"]?.text == "max_tokens")
    }

    // MARK: - Tools

    @Test func toolsHaveTheNamesTheClientGaveThem() throws {
        var context = Self.context
        let long = String(repeating: "n", count: 100)
        context.toolNames = ["tool_1": long]
        let calls = [Self.call(0, "{}", id: "c0", name: "tool_1"), Self.call(1, "{}", id: "c1", name: "other")]
        let message = try Self.message([Self.event(calls: calls, finish: "tool_calls")], context)
        #expect(message["content"]?.elements.compactMap { $0["name"]?.text } == [long, "other"])
    }

    @Test func callsWithoutAnIdentifierGetOne() throws {
        let calls = [Self.call(0, "{}", name: "f"), Self.call(1, "{}", name: "g")]
        let message = try Self.message([Self.event(calls: calls, finish: "tool_calls")])
        let ids = (message["content"] ?? .null).elements.compactMap { $0["id"]?.text }
        #expect(Set(ids).count == 2)
        #expect(ids.allSatisfy { $0.hasPrefix("toolu_") && $0.count == 30 })
    }

    // MARK: - Sources

    @Test(arguments: [
        ("See [2], [1] and [2].", ["https://b", "https://a"]), ("See nothing.", ["https://a", "https://b"]),
    ])
    func theTextCitesItsSources(text: String, urls: [String]) throws {
        let sources =
            #"{"search_results":[{"index":1,"title":"A","url":"https://a"},{"index":2,"title":"B","url":"https://b"}]}"#
        let event = Self.event(text, finish: "stop")
            .replacing(#"{"output":{"#, with: #"{"output":{"search_info":\#(sources),"#)
        let message = try Self.message([event])
        #expect(Self.blocks(message) == ["server_tool_use", "web_search_tool_result", "text:" + text])
        let citations = try #require(message["content"]?[2]?["citations"]).elements
        #expect(citations.compactMap { $0["url"]?.text } == urls)
        for citation in citations {
            #expect(citation["type"]?.text == "web_search_result_location")
            #expect(citation["title"]?.text == (citation["url"]?.text == "https://a" ? "A" : "B"))
            #expect(citation["encrypted_index"]?.text?.isEmpty == false)
            #expect(citation["cited_text"] == .string(""))
        }
    }

    // MARK: - Usage

    @Test func cachedTokensAreCountedOnce() throws {
        let usage =
            #"{"input_tokens":100,"output_tokens":7,"prompt_tokens_details":{"cached_tokens":30,"#
            + #""cache_creation_input_tokens":20,"cache_creation":{"ephemeral_5m_input_tokens":5,"#
            + #""ephemeral_1h_input_tokens":15}},"output_tokens_details":{"reasoning_tokens":3}}"#
        let events = [Self.event("x", usage: usage), Self.event(finish: "stop", usage: usage)]
        let expected = try JSON(
            parsing: #"{"input_tokens":50,"cache_creation_input_tokens":20,"cache_read_input_tokens":30,"#
                + #""cache_creation":{"ephemeral_5m_input_tokens":5,"ephemeral_1h_input_tokens":15},"#
                + #""output_tokens":7,"output_tokens_details":{"thinking_tokens":3},"service_tier":"standard"}"#
        )
        #expect(try Self.message(events)["usage"] == expected)
        let start = try JSON(
            parsing: String(ReplyRun.stream(events, Self.context).text.split(separator: "\n")[1].dropFirst(6))
        )
        #expect(start["message"]?["usage"] == expected)
    }

    @Test func withoutUsageAllCountersAreThere() throws {
        let message = try Self.message([Self.event("x", finish: "stop", usage: "{}")])
        for name in ["input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens"] {
            #expect(message["usage"]?[name]?.int == 0)
        }
    }

    // MARK: - Beside upstream's events

    @Test func silenceBeforeTheFirstEventStartsTheMessageOnce() throws {
        var context = Self.context
        context.fallbackID = "own-1"
        context.estimatedInputTokens = 9
        let reply = context.makeReply(isStreamed: true)
        var output = ByteBuffer()
        reply.keepAlive(into: &output)
        reply.keepAlive(into: &output)
        _ = ByteBuffer(string: Self.event("x", finish: "stop")).withUnsafeReadableBytes {
            reply.receive($0, isError: false, status: nil, tape: JSONTape(), into: &output)
        }
        reply.keepAlive(into: &output)
        #expect(reply.finish(into: &output) == nil)
        let read = try MessageAccumulator.read(String(buffer: output))
        #expect(read.pings == 3)
        let message = try read.complete()
        #expect(message["id"]?.text == "msg_own-1")
        #expect(Self.blocks(message) == ["text:x"])
        #expect(reply.facts.requestID == "r-1")
    }

    @Test func errorsInAStreamAreEventsOfAnthropics() throws {
        let reply = Self.context.makeReply(isStreamed: true)
        var output = ByteBuffer()
        _ = ByteBuffer(string: Self.event("x")).withUnsafeReadableBytes {
            reply.receive($0, isError: false, status: nil, tape: JSONTape(), into: &output)
        }
        let error = APIError(status: 503, message: "busy", type: "server_error", requestID: "r-1")
        reply.fail(error, into: &output)
        let read = try MessageAccumulator.read(String(buffer: output))
        #expect(read.error?["type"]?.text == "overloaded_error")
        #expect(read.error?["message"]?.text == "busy")
    }
}
