import Testing

@testable import APITranslation

/// What apps answer, as clients of each dialect read it.
struct AppReplyTests {
    private static let responses: ResponsesReplyContext = {
        var context = ResponsesReplyContext(model: "app/a", created: 1)
        context.tellsExtras = true
        return context
    }()

    private static func event(_ output: String, usage: String = "{}") -> String {
        #"{"output":{"session_id":"s-1",\#(output)},"usage":\#(usage),"request_id":"r-1"}"#
    }

    private static let manual =
        #""doc_references":[{"index_id":"4","title":"Manual","doc_id":"file_1","doc_name":"Manual","text":"…","images":[]}"#
    private static let events = [
        event(#""finish_reason":"null","text":"It covers testing<ref>[""#),
        event(#""finish_reason":"null","text":"4]</ref> and more<ref>[2]</ref>.",\#(manual)]"#),
        event(
            #""finish_reason":"null","text":"",\#(manual),{"index_id":"2","title":"Site","doc_id":"file_2","doc_url":"https://e.com/m"}]"#
        ),
        event(
            #""finish_reason":"stop","text":"",\#(manual),{"index_id":"2","title":"Site","doc_id":"file_2","doc_url":"https://e.com/m"}]"#,
            usage:
                #"{"models":[{"model_id":"qwen-plus","input_tokens":1201,"output_tokens":43},{"model_id":"qwen-turbo","input_tokens":9,"output_tokens":7}]}"#
        ),
    ]

    @Test func chatHasSessionDocumentsAndTheSumOfAllModels() throws {
        let answer = try ReplyRun.fold(Self.events).json
        let message = answer["choices"]?[0]?["message"]
        #expect(message?["content"]?.text == "It covers testing<ref>[4]</ref> and more<ref>[2]</ref>.")
        #expect(answer["session_id"]?.text == "s-1")
        #expect(answer["doc_references"]?.elements.map { $0["index_id"]?.text } == ["4", "2"])
        // OpenAI's citation needs an address, which the manual has none of.
        #expect(message?["annotations"]?.elements.map { $0["url_citation"]?["url"]?.text } == ["https://e.com/m"])
        #expect(answer["usage"]?["prompt_tokens"]?.int == 1210)
        #expect(answer["usage"]?["completion_tokens"]?.int == 50)
        #expect(answer["usage"]?["total_tokens"]?.int == 1260)
    }

    @Test func aStreamTellsDocumentsWhenTheyAreNew() throws {
        let run = ReplyRun.stream(Self.events)
        #expect(try run.contentText == "It covers testing<ref>[4]</ref> and more<ref>[2]</ref>.")
        let told = try run.chunks.compactMap { $0["doc_references"]?.elements.count }
        #expect(told == [1, 2])
        #expect(try run.chunks.compactMap { $0["session_id"]?.text } == ["s-1"])
        #expect(try run.chunks.contains { $0["choices"]?[0]?["finish_reason"]?.text == "stop" })
    }

    @Test func responsesCiteDocumentsAndAddresses() throws {
        let answer = try ReplyRun.fold(Self.events, Self.responses).json
        let annotations = answer["output"]?[0]?["content"]?[0]?["annotations"]
        #expect(annotations?.elements.map { $0["type"]?.text } == ["file_citation", "url_citation"])
        #expect(annotations?[0]?["file_id"]?.text == "file_1")
        #expect(annotations?[0]?["filename"]?.text == "Manual")
        #expect(annotations?[1]?["url"]?.text == "https://e.com/m")
        #expect(answer["session_id"]?.text == "s-1")
        #expect(answer["usage"]?["total_tokens"]?.int == 1260)
        let stream = ReplyRun.stream(Self.events, Self.responses)
        #expect(try ResponseAccumulator.read(stream.text).response == answer)
    }

    @Test func messagesHaveTheSession() throws {
        var context = MessagesReplyContext(model: "app/a", created: 1)
        context.tellsExtras = true
        let answer = try ReplyRun.fold(Self.events, context).json
        #expect(answer["session_id"]?.text == "s-1")
        #expect(answer["usage"]?["output_tokens"]?.int == 50)
        #expect(ReplyRun.stream(Self.events, context).text.contains(#""session_id":"s-1""#))
    }

    @Test func aWorkflowHasNoUsageAndMaySpeakThroughItsNodes() throws {
        func node(_ id: String, _ text: String, _ status: String, finish: String = "null") -> String {
            Self.event(
                #""finish_reason":"\#(finish)","workflow_message":{"node_id":"\#(id)","node_name":"N","node_status":"\#(status)","node_msg_seq_id":1,"message":{"role":"assistant","content":"\#(text)"}}"#
            )
        }
        let events = [
            node("LLM_1", "Hel", "executing"), node("LLM_1", "lo", "executing"), node("End_1", " there", "executing"),
            node("End_1", "", "success", finish: "stop"),
        ]
        let run = ReplyRun.stream(events)
        #expect(try run.contentText == "Hello there")
        let nodes = try run.chunks.compactMap { $0["workflow_message"] }
        #expect(nodes.map { $0["node_id"]?.text } == ["LLM_1", "End_1", "End_1"])
        #expect(nodes.allSatisfy { $0["message"] == nil })
        let answer = try ReplyRun.fold(events).json
        #expect(answer["choices"]?[0]?["message"]?["content"]?.text == "Hello there")
        #expect(answer["usage"] == nil)
        #expect(answer["workflow_message"]?["node_status"]?.text == "success")
    }

    @Test func aWholeAnswerOfAnAppIsNoPlainReply() throws {
        let body = Self.event(#""finish_reason":"stop","text":"Hi","thoughts":[{"action":"rag","observation":"[]"}]"#)
        let answer = try ReplyRun.whole(body).json
        #expect(answer["choices"]?[0]?["message"]?["content"]?.text == "Hi")
        #expect(answer["thoughts"]?[0]?["action"]?.text == "rag")
    }

    @Test func theFullStreamIsWrittenAsItsFixtureSays() throws {
        let native = try Fixture.text("apps/full.native.sse")
        let events = native.split(separator: "\n").filter { $0.hasPrefix("data:") }.map { String($0.dropFirst(5)) }
        let context = ChatReplyContext(model: "app/0a1b2c", created: 1, includesUsage: true)
        #expect(try ReplyRun.stream(events, context).text == Fixture.text("apps/full.reply.sse"))
        #expect(try ReplyRun.fold(events, context).json == JSON(parsing: Fixture.text("apps/full.reply.json")))
    }
}
