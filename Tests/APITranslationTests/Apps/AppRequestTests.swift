import JSONBytes
import NIOCore
import Testing

@testable import APITranslation

/// Requests for `app/…` in each dialect, and the call of the app they become.
struct AppRequestTests {
    private static let app = "app/0a1b2c"

    @Test func aConversationIsSentWhole() throws {
        let run = try RequestRun(
            RequestRun.messages(
                #"{"role":"developer","content":"Be short."},{"role":"user","content":[{"type":"text","text":"a\""},{"type":"text","text":"b"}]},{"role":"assistant","content":"c"},{"role":"user","content":"d"}"#,
                model: Self.app
            )
        )
        #expect(run.call.operation == .application)
        #expect(run.call.native.path == "/api/v1/apps/0a1b2c/completion")
        #expect(
            run.body
                == (try JSON(
                    parsing:
                        #"{"input":{"messages":[{"role":"system","content":"Be short."},{"role":"user","content":"a\"b"},{"role":"assistant","content":"c"},{"role":"user","content":"d"}]},"parameters":{},"debug":{}}"#
                ))
        )
        #expect(run.adjustments.map { String($0.prefix { $0 != ";" }) } == ["messages[*].role"])
    }

    @Test func whatAnAppTakesGoesToItsPlace() throws {
        let members =
            #""stream":true,"temperature":0.5,"top_p":0.8,"seed":7,"enable_thinking":false,"enable_search":true,"memory_id":"m","biz_params":{"city":"Oslo"},"file_list":["https://e.com/a.pdf"],"has_thoughts":true,"rag_options":{"pipeline_ids":["p"]},"flow_stream_mode":"message_format","new":{"x":1},"extra_body":{"dialog_round":3}"#
        let run = try RequestRun(RequestRun.with(members, model: Self.app))
        #expect(run.call.streamsUpstream && run.call.streamsToClient)
        #expect(
            run.body
                == (try JSON(
                    parsing:
                        #"{"input":{"messages":[{"role":"user","content":"hi"}],"memory_id":"m","biz_params":{"city":"Oslo"},"file_list":["https://e.com/a.pdf"]},"parameters":{"incremental_output":true,"temperature":0.5,"top_p":0.8,"seed":7,"enable_thinking":false,"enable_web_search":true,"new":{"x":1},"has_thoughts":true,"rag_options":{"pipeline_ids":["p"]},"flow_stream_mode":"message_format","dialog_round":3},"debug":{}}"#
                ))
        )
        #expect(run.adjustments.isEmpty)
    }

    @Test func withASessionTheLastMessageIsSentAlone() throws {
        let messages =
            #""messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"c"}]"#
        let run = try RequestRun(#"{"model":"\#(Self.app)","session_id":"s-1",\#(messages)}"#)
        #expect(run.body["input"] == (try JSON(parsing: #"{"prompt":"c","session_id":"s-1"}"#)))
        #expect(run.adjustments == ["messages;from=3;to=1;reason=the session holds what was said before"])
        // Nothing is lost, so nothing is reported.
        #expect(try RequestRun(RequestRun.with(#""session_id":"s-1""#, model: Self.app)).adjustments.isEmpty)
        // An empty session is none.
        let fresh = try RequestRun(RequestRun.with(#""session_id":"""#, model: Self.app))
        #expect(fresh.body["input"]?["messages"]?[0]?["content"]?.text == "hi")
        let answered = #"{"model":"\#(Self.app)","session_id":"s","messages":[{"role":"assistant","content":"b"}]}"#
        #expect(RequestRun.refusal(answered)?.param == "messages")
        let empty = #"{"model":"\#(Self.app)","session_id":"s","messages":[{"role":"user","content":""}]}"#
        #expect(RequestRun.refusal(empty)?.param == "messages")
    }

    @Test func imagesAreAListOfTheirOwn() throws {
        let picture =
            #"{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://e.com/1.png"}},{"type":"text","text":"x"}]}"#
        let run = try RequestRun(
            #"{"model":"\#(Self.app)","image_list":["https://e.com/0.png"],"messages":[\#(picture)]}"#
        )
        #expect(
            run.body["input"]
                == (try JSON(
                    parsing:
                        #"{"messages":[{"role":"user","content":"x"}],"image_list":["https://e.com/0.png","https://e.com/1.png"]}"#
                ))
        )
        let inline = picture.replacing("https://e.com/1.png", with: "data:image/png;base64,AAAA")
        #expect(RequestRun.refusal(RequestRun.messages(inline, model: Self.app))?.param == "messages")
        let sound = #"{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}}]}"#
        #expect(RequestRun.refusal(RequestRun.messages(sound, model: Self.app))?.param == "messages")
    }

    @Test func whatAnAppDoesNotTakeIsReported() throws {
        let members =
            #""max_tokens":9,"stop":["x"],"presence_penalty":1,"logprobs":true,"top_logprobs":2,"response_format":{"type":"json_object"},"thinking_budget":5"#
        let run = try RequestRun(RequestRun.with(members, model: Self.app))
        #expect(run.body["parameters"]?.members.isEmpty == true)
        let names = Set(run.adjustments.map { String($0.prefix { $0 != ";" }) })
        #expect(
            names.isSuperset(of: [
                "max_tokens", "stop", "presence_penalty", "logprobs", "top_logprobs", "response_format",
                "thinking_budget",
            ])
        )
        #expect(throws: APIError.self) { _ = try RequestRun(RequestRun.with(members, model: Self.app), strict: true) }
    }

    @Test(arguments: [
        (#""tools":[{"type":"function","function":{"name":"f"}}]"#, "tools"),
        (#""functions":[{"name":"f"}]"#, "tools"), (#""n":2"#, "n"), (#""session_id":1"#, "session_id"),
        (#""biz_params":[]"#, "biz_params"), (#""rag_options":"x""#, "rag_options"),
        (#""image_list":[1]"#, "image_list[0]"), (#""has_thoughts":"yes""#, "has_thoughts"),
    ])
    func whatCannotBe(members: String, param: String) {
        let error = RequestRun.refusal(RequestRun.with(members, model: Self.app))
        #expect(error?.status == 400)
        #expect(error?.param == param)
    }

    @Test func toolsAreRefusedInEveryDialect() {
        let tool = #""tools":[{"type":"function","name":"f","parameters":{"type":"object","properties":{}}}]"#
        #expect(ResponsesRun.refusal(input: "\"hi\"", tool, model: Self.app)?.param == "tools")
        let named = #""tools":[{"name":"f","input_schema":{"type":"object"}}]"#
        #expect(MessagesRun.refusal(MessagesRun.with(named, model: Self.app))?.param == "tools")
        let called =
            #"{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]}"#
        #expect(RequestRun.refusal(RequestRun.messages(called, model: Self.app))?.param == "messages")
    }

    @Test(arguments: ["app/", "app/a/b", "app/a b", "app/a%2f", "app/é", "app/a\\r\\n"])
    func anIdThatIsNone(model: String) {
        #expect(RequestRun.refusal(RequestRun.with(#""user":"u""#, model: model))?.param == "model")
    }

    @Test func messagesOfAnthropic() throws {
        let run = try MessagesRun(
            MessagesRun.with(#""system":"Be short.","session_id":"s-1","has_thoughts":true"#, model: Self.app)
        )
        #expect(run.body["input"] == (try JSON(parsing: #"{"prompt":"hi","session_id":"s-1"}"#)))
        #expect(run.body["parameters"] == (try JSON(parsing: #"{"has_thoughts":true}"#)))
        #expect(run.adjustments == ["max_tokens;from=100;to=none;reason=apps do not take it"])
    }

    @Test func responsesContinueTheSessionOfTheSameApp() throws {
        var turn = ResponsesTurn()
        turn.history = 2
        turn.session = (model: Self.app, id: "s-9")
        let input = #"[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"c"}]"#
        let request = ResponsesRun.request(input: input, #""biz_params":{"x":1}"#, model: Self.app)
        let run = try ResponsesRun(request, turn: turn)
        #expect(run.body["input"] == (try JSON(parsing: #"{"prompt":"c","session_id":"s-9","biz_params":{"x":1}}"#)))
        #expect(run.adjustments.isEmpty)
        turn.session = (model: "app/another", id: "s-9")
        #expect(try ResponsesRun(request, turn: turn).body["input"]?["messages"]?.elements.count == 3)
        // The request's own word counts more.
        turn.session = (model: Self.app, id: "s-9")
        let own = ResponsesRun.request(input: input, #""session_id":"s-1""#, model: Self.app)
        #expect(try ResponsesRun(own, turn: turn).body["input"]?["session_id"]?.text == "s-1")
    }

    @Test func modelsKnowNothingOfApps() throws {
        let run = try RequestRun(RequestRun.with(#""session_id":"s""#))
        #expect(run.body["parameters"]?["session_id"]?.text == "s")
        #expect(run.call.native.app == nil)
    }

    @Test func otherEndpointsRefuseApps() {
        let translators: [(any SplitTranslating, String)] = [
            (CompletionsTranslator(catalog: ModelCatalog()), #""prompt":"a""#),
            (EmbeddingsTranslator(catalog: ModelCatalog()), #""input":"a""#),
            (RerankTranslator(catalog: ModelCatalog()), #""query":"q","documents":["a"]"#),
        ]
        for (translator, members) in translators {
            let error = SplitRun.refusal(#"{"model":"\#(Self.app)",\#(members)}"#, translator)
            #expect(error?.code == "model_not_supported")
        }
    }

    @Test func anAppIsListedWhereTheOperatorNamesIt() throws {
        #expect(!String(buffer: ModelCatalog().list).contains("app/"))
        let overlay = ByteBuffer(
            string: #"{"models":[{"id":"app/0a1b2c"}],"aliases":{"helpdesk":"app/0a1b2c"}}"#
        )
        let catalog = try ModelCatalog(overlay: overlay)
        #expect(String(buffer: catalog.list).contains(#"{"id":"app/0a1b2c","object":"model""#))
        #expect(ModelCatalog.owner(of: "app/0a1b2c") == "alibaba-cloud")
        #expect(catalog.resolve("helpdesk").appID == "0a1b2c")
        #expect(catalog.resolve("dashscope/app/0a1b2c").appID == "0a1b2c")
        #expect(catalog.resolve("app/0a1b2c").isCatalogued && !catalog.resolve("app/other").isCatalogued)
    }
}
