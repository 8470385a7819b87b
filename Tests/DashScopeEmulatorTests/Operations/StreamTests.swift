@testable import DashScopeEmulator
import NIOHTTP1
import Testing

struct StreamTests {
    @Test
    func framingIsAsRecorded() throws {
        let reply = Call(model: "qwen-max", ask: "1+1?").streaming().reply()
        #expect(reply.status == 200)
        #expect(reply.header("content-type") == "text/event-stream;charset=UTF-8")
        #expect(reply.header("x-dashscope-finished") == "false")
        let text = reply.text
        #expect(text.hasPrefix("id:1\nevent:result\n:HTTP_STATUS/200\ndata:{\"output\":{\"choices\":[{\"message\":{"))
        #expect(text.hasSuffix("}\n\n"))
        #expect(!text.contains("[DONE]"))
        let blocks = text.dropLast(2).split(separator: "\n\n")
        for (index, block) in blocks.enumerated() {
            let lines = block.split(separator: "\n")
            #expect(lines.count == 4)
            #expect(lines[0] == "id:\(index + 1)")
        }
    }

    @Test(arguments: [
        (Call.Path.text, "qwen-plus"), (.multimodal, "qwen3-vl-plus"), (.multimodal, "qwen-vl-plus"),
        (.text, "qwen-mt-flash"), (.text, "qwen-long"),
    ])
    func piecesJoinToTheWhole(path: Call.Path, model: String) throws {
        for number in 0..<8 {
            let events = Call(path, model: model, ask: "Grüße an 世界 🌊 \(number)").streaming().events()
            #expect(events.map(\.contentText).joined().hasSuffix("Echo: Grüße an 世界 🌊 \(number)"))
            #expect(events.count >= 2)
            #expect(events.dropLast().allSatisfy { $0.choice?["finish_reason"] == "null" })
            #expect(events.last?.choice?["finish_reason"] == "stop")
            let counts = events.map { $0["usage"]?["output_tokens"]?.int ?? -1 }
            #expect(counts == counts.sorted())
            #expect(Set(events.map { $0["request_id"]?.string }).count == 1)
        }
    }

    @Test
    func acceptHeaderAloneStreams() {
        let reply = Call(ask: "Hi").with { $0.headers.add(name: "Accept", value: "text/event-stream") }.reply()
        #expect(reply.isChunked)
    }

    @Test
    func eventsRepeatEverythingUnlessIncremental() throws {
        let texts = Call(ask: "a question of some length").streaming(incremental: nil).events().map(\.contentText)
        #expect(texts.last == "Echo: a question of some length")
        for (earlier, later) in zip(texts, texts.dropFirst()) { #expect(later.hasPrefix(earlier)) }
    }

    @Test
    func incidentalThingsVary() {
        let streams = (0..<24).map { Call(ask: "Question \($0)").streaming().events() }
        #expect(Set(streams.map { $0.last?.contentText.isEmpty }).count == 2)
        #expect(Set(streams.map { $0.first?.choice?["index"] != nil }).count == 2)
        #expect(Set(streams.map { $0.first?["usage"]?["prompt_tokens_details"] != nil }).count == 2)
    }

    @Test
    func textThinkingHasBothKeysInEveryEvent() {
        let events = Call(ask: "1+1?", parameters: ["enable_thinking": true]).streaming().events()
        for event in events {
            #expect(event.answer?["content"]?.string != nil)
            #expect(event.answer?["reasoning_content"]?.string != nil)
            let isOne = event.contentText.isEmpty || event.answer?["reasoning_content"] == ""
            #expect(isOne)
        }
        #expect((events.last?["usage"]?["output_tokens_details"]?["reasoning_tokens"]?.int ?? 0) > 0)
    }

    @Test
    func multimodalThinkingSharesOneEventWithTheText() {
        let events = Call(.multimodal, model: "qwen3.6-plus", ask: "1+1?").streaming().events()
        #expect(events.first?.answer?["content"] == [])
        let shared = events.filter { $0.answer?["reasoning_content"] != nil && !$0.contentText.isEmpty }
        #expect(shared.count == 1)
        #expect(events.last?.answer?["reasoning_content"] == nil)
    }

    @Test
    func textFormatStreams() {
        let call = Call(ask: "Hi", parameters: ["result_format": "text"])
        let events = call.streaming().events()
        #expect(events.compactMap { $0["output"]?["text"]?.string }.joined() == "Echo: Hi")
        #expect(events.first?["output"]?["finish_reason"] == "null")
        #expect(events.last?["output"]?["finish_reason"] == "stop")
    }

    @Test
    func choicesTakeTurns() {
        let events = Call(model: "qwen-plus-character", ask: "Hi", parameters: ["n": 2]).streaming().events()
        for index in 0..<2 {
            let own = events.filter { $0.choice?["index"]?.int == index }
            #expect(own.last?.choice?["finish_reason"] == "stop")
            #expect(own.map(\.contentText).joined().hasPrefix("Echo: Hi"))
        }
        #expect(events.allSatisfy { $0["output"]?["choices"]?.array?.count == 1 })
    }

    @Test
    func prependedSourcesComeFirst() {
        let options: JSON = ["enable_source": true, "prepend_search_result": true]
        let events = Call(ask: "Price?", parameters: ["enable_search": true, "search_options": options])
            .streaming().events()
        #expect(events.first?["usage"] == [:])
        #expect(events.first?["output"]?["search_info"]?["search_results"]?.array?.count == 2)
        #expect(events.last?["output"]?["search_info"] == ["extra_tool_info": [], "search_results": []])
    }

    @Test
    func codeInterpreterIdlesAndRepeatsItself() throws {
        let parameters: JSON = ["enable_thinking": true, "enable_code_interpreter": true]
        let events = Call(model: "qwen3-max", ask: "2**10?", parameters: parameters).streaming().events()
        let inputs = events.compactMap { $0["usage"]?["input_tokens"]?.int }
        #expect(Set(inputs).count == 2)
        let first = try #require(events.firstIndex { $0["output"]?["tool_info"] != nil })
        #expect(events[first...].allSatisfy { $0["output"]?["tool_info"] != nil })
    }

    @Test
    func someModelsIgnoreTheIncrementalFlag() {
        let texts = Call(model: "qwen-mt-plus", ask: "Hello there").streaming().events().map(\.contentText)
        #expect(texts.last?.hasSuffix("Echo: Hello there") == true)
    }

    @Test
    func deepResearchHasPhases() throws {
        let first = Call(model: "qwen-deep-research", ask: "Tea").streaming().events()
        #expect(first.last?["output"]?["message"]?["phase"] == "answer")
        #expect(first.last?["output"]?["message"]?["status"] == "finished")
        let second = Call(
            model: "qwen-deep-research",
            messages: [
                ["role": "user", "content": "Tea"], ["role": "assistant", "content": "Which?"],
                ["role": "user", "content": "Green"],
            ]
        ).streaming().events()
        let phases = second.compactMap { $0["output"]?["message"]?["phase"]?.string }
        #expect(Set(phases) == ["ResearchPlanning", "WebResearch", "KeepAlive", "answer"])
        #expect(second.allSatisfy { $0["output"]?["fininshed"] != nil })
    }
}
