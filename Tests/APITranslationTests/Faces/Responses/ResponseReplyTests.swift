import JSONBytes
import NIOCore
import Testing

@testable import APITranslation

struct ResponseReplyTests {
    private static let context = ResponsesReplyContext(model: "qwen-plus", created: 1)

    private static func event(
        _ content: String = "",
        reasoning: String = "",
        calls: [String] = [],
        finish: String = "null",
        more: String = ""
    ) -> String {
        #"{"output":{"choices":[{"message":{"role":"assistant","content":\#(NativeReply.quote(content)),"#
            + #""reasoning_content":\#(NativeReply.quote(reasoning)),"tool_calls":[\#(calls.joined(separator: ","))]},"#
            + #""finish_reason":"\#(finish)"}]\#(more)},"usage":{"input_tokens":10,"output_tokens":4},"request_id":"r-1"}"#
    }

    private static func call(_ index: Int, _ arguments: String, id: String = "", name: String = "") -> String {
        #"{"index":\#(index),"id":"\#(id)","type":"function","function":{"name":"\#(name)","#
            + #""arguments":\#(NativeReply.quote(arguments))}}"#
    }

    /// The response that the stream and the folded answer agree upon.
    private static func response(_ events: [String], _ context: ResponsesReplyContext = context) throws -> JSON {
        let stream = ReplyRun.stream(events, context)
        let folded = ReplyRun.fold(events, context)
        #expect(stream.error == nil && folded.error == nil)
        let response = try folded.json
        #expect(try ResponseAccumulator.read(stream.text).response == response)
        return response
    }

    private static func types(_ events: [String], _ context: ResponsesReplyContext = context) throws -> [String] {
        try ResponseAccumulator.read(ReplyRun.stream(events, context).text).types.map {
            String($0.dropFirst("response.".count))
        }
    }

    // MARK: - Fixtures

    @Test func theFullStreamIsWrittenAsItsFixtureSays() throws {
        var turn = ResponsesTurn()
        turn.seal = .test
        let request = try ResponsesRun(try Fixture.text("responses/full.request.json"), turn: turn)
        let context = try #require(request.context)
        let native = ByteBuffer(string: try Fixture.text("responses/full.native.sse"))
        let expected = try Fixture.text("responses/full.reply.sse")
        #expect(try MessageLawTests.stream([native], context) == expected)
        let events = try Fixture.text("responses/full.native.sse").split(separator: "\n")
            .filter { $0.hasPrefix("data:") }.map { String($0.dropFirst(5)) }
        let whole = try JSON(parsing: try Fixture.text("responses/full.reply.json"))
        #expect(try ReplyRun.fold(events, context).json == whole)
        #expect(try ResponseAccumulator.read(expected).response == whole)
    }

    // MARK: - Order

    @Test func textHasTheEventsOfTheReference() throws {
        let types = try Self.types([Self.event("Hi"), Self.event(" you", finish: "stop")])
        #expect(
            types == [
                "created", "in_progress", "output_item.added", "content_part.added", "output_text.delta",
                "output_text.delta", "output_text.done", "content_part.done", "output_item.done", "completed",
            ]
        )
    }

    @Test func thoughtsComeBeforeTheText() throws {
        let types = try Self.types([Self.event(reasoning: "Hm"), Self.event("Hi", finish: "stop")])
        #expect(
            types == [
                "created", "in_progress", "output_item.added", "reasoning_summary_part.added",
                "reasoning_summary_text.delta", "reasoning_summary_text.done", "reasoning_summary_part.done",
                "output_item.done", "output_item.added", "content_part.added", "output_text.delta", "output_text.done",
                "content_part.done", "output_item.done", "completed",
            ]
        )
    }

    @Test func interleavedCallsAreOneItemAfterTheOther() throws {
        let events = [
            Self.event(calls: [Self.call(0, #"{"a":"#, id: "c0", name: "f")]),
            Self.event(calls: [Self.call(1, #"{"b":2}"#, id: "c1", name: "g")]),
            Self.event(calls: [Self.call(0, "1}")]),
            Self.event(finish: "tool_calls"),
        ]
        let output = try #require(Self.response(events)["output"]).elements
        #expect(output.map { $0["call_id"]?.text } == ["c0", "c1"])
        #expect(output.map { $0["arguments"]?.text } == [#"{"a":1}"#, #"{"b":2}"#])
        #expect(output.map { $0["id"]?.text } == ["fc_r1_0", "fc_r1_1"])
    }

    @Test func aCustomToolGetsItsInputByteForByte() throws {
        var context = Self.context
        context.customTools = ["x__patch"]
        context.toolNames = ["x__patch": ResponsesToolName(namespace: "x", name: "patch")]
        let arguments = #"{"input": "*** Begin\n+\"ä\"\t\\"}"#
        let events = [
            Self.event(calls: [Self.call(0, String(arguments.prefix(12)), id: "c0", name: "x__patch")]),
            Self.event(calls: [Self.call(0, String(arguments.dropFirst(12)))], finish: "tool_calls"),
        ]
        let item = try #require(Self.response(events, context)["output"]?[0])
        #expect(item["type"] == .string("custom_tool_call"))
        #expect(item["input"] == .string("*** Begin\n+\"ä\"\t\\"))
        #expect(item["name"] == .string("patch") && item["namespace"] == .string("x"))
        let types = try Self.types(events, context)
        #expect(types.contains("custom_tool_call_input.delta") && types.contains("custom_tool_call_input.done"))
    }

    @Test func anAnswerThatWasCutIsIncomplete() throws {
        let response = try Self.response([Self.event("Hi", finish: "length")])
        #expect(response["status"] == .string("incomplete"))
        #expect(response["incomplete_details"]?["reason"] == .string("max_output_tokens"))
        #expect(response["output"]?[0]?["status"] == .string("incomplete"))
        #expect(response["completed_at"] == .null)
        #expect(try Self.types([Self.event("Hi", finish: "length")]).last == "incomplete")
    }

    @Test func thoughtsAreSealedWhereTheClientAsks() throws {
        var context = Self.context
        context.sealsReasoning = true
        context.seal = .test
        let response = try Self.response(
            [Self.event(reasoning: "Hm \"1\"\n"), Self.event("x", finish: "stop")],
            context
        )
        #expect(response["output"]?[0]?["encrypted_content"] == .string(ContentSeal.content("Hm \"1\"\n", .reasoning)))
    }

    @Test func aSummaryIsACompaction() throws {
        var context = Self.context
        context.compacts = true
        context.seal = .test
        let events = [Self.event("They \"said\""), Self.event(" hi.", finish: "stop")]
        let response = try ReplyRun.fold(events, context).json
        #expect(response["object"] == .string("response.compaction"))
        #expect(response["output"]?.elements.count == 1)
        #expect(response["output"]?[0]?["type"] == .string("compaction"))
        #expect(
            response["output"]?[0]?["encrypted_content"]
                == .string(ContentSeal.content("They \"said\" hi.", .compaction))
        )
        #expect(response["usage"]?["total_tokens"] != nil)
    }

    @Test func aSearchIsAnItemAndItsCitationsAreAnnotations() throws {
        var context = Self.context
        context.searchQuery = "q"
        context.tellsSources = true
        let info = #","search_info":{"search_results":[{"index":1,"title":"T","url":"https://e.com"}]}"#
        let events = [Self.event(more: info), Self.event("So [ref_1]."), Self.event(finish: "stop")]
        let output = try #require(Self.response(events, context)["output"])
        #expect(output[0]?["action"]?["sources"]?[0]?["url"] == .string("https://e.com"))
        #expect(
            output[1]?["content"]?[0]?["annotations"]?[0]
                == (try JSON(
                    parsing:
                        #"{"type":"url_citation","start_index":3,"end_index":10,"url":"https://e.com","title":"T"}"#
                ))
        )
        #expect(
            try Self.types(events, context).contains("output_text.annotation.added")
        )
    }

    @Test func usageIsInTheTermsOfResponses() throws {
        let usage = try #require(Self.response([Self.event("Hi", finish: "stop")])["usage"])
        #expect(
            usage
                == (try JSON(
                    parsing: #"{"input_tokens":10,"input_tokens_details":{"cached_tokens":0,"cache_write_tokens":0},"#
                        + #""output_tokens":4,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":14}"#
                ))
        )
    }

    // MARK: - Failures

    private static func failed(_ events: [String], _ error: APIError) throws -> ResponseAccumulator {
        var context = Self.context
        context.fallbackID = "own"
        let reply = context.makeReply(isStreamed: true)
        var output = ByteBuffer()
        for event in events {
            _ = ByteBuffer(string: event).withUnsafeReadableBytes {
                reply.receive($0, isError: false, status: nil, tape: JSONTape(), into: &output)
            }
        }
        reply.keepAlive(into: &output)
        reply.fail(error, into: &output)
        return try ResponseAccumulator.read(String(buffer: output))
    }

    @Test func aFailureEndsTheStreamWithAFailedResponse() throws {
        let error = APIError(status: 429, message: "try again in 1s", type: "rate_limit_error")
        let stream = try Self.failed([Self.event("Hi")], error)
        #expect(stream.last == "response.failed" && stream.comments == 1)
        #expect(stream.response?["error"]?["code"] == .string("rate_limit_exceeded"))
        #expect(stream.response?["error"]?["message"] == .string("try again in 1s"))
        #expect(stream.response?["output"]?[0]?["content"]?[0]?["text"] == .string("Hi"))
        let early = try Self.failed([], APIError(status: 500, message: "x", type: "server_error"))
        #expect(early.types == ["response.created", "response.in_progress", "response.failed"])
        #expect(early.response?["id"] == .string("resp_own"))
        #expect(early.response?["error"]?["code"] == .string("server_error"))
    }
}
