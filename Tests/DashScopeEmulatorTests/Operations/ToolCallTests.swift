@testable import DashScopeEmulator
import Testing

struct ToolCallTests {
    static let tools: JSON = [
        [
            "type": "function",
            "function": [
                "name": "get_weather",
                "parameters": [
                    "type": "object", "properties": ["city": ["type": "string"]], "required": ["city"],
                ],
            ],
        ],
        ["type": "function", "function": ["name": "get_time", "parameters": [:]]],
    ]

    private func names(_ document: JSON) -> [String] {
        (document.answer?["tool_calls"]?.array ?? []).compactMap { $0["function"]?["name"]?.string }
    }

    @Test
    func aMentionedToolIsCalled() throws {
        let document = Call(ask: "Weather in Hangzhou?", parameters: ["tools": Self.tools]).document()
        let call = try #require(document.answer?["tool_calls"]?[0])
        #expect(document.choice?["finish_reason"] == "tool_calls")
        #expect(document.answer?["content"] == "")
        #expect(call["type"] == "function")
        #expect(call["id"]?.string?.count == 27)
        #expect(call["function"]?["arguments"] == "{\"city\": \"Hangzhou\"}")
    }

    @Test
    func callsAreParallelOnlyWhenAllowed() {
        let text = "Please use get_weather and get_time."
        let one = Call(ask: text, parameters: ["tools": Self.tools]).document()
        #expect(names(one) == ["get_weather"])
        let both = Call(ask: text, parameters: ["tools": Self.tools, "parallel_tool_calls": true]).document()
        #expect(names(both) == ["get_weather", "get_time"])
        let cities = Call(
            ask: "Weather in Hangzhou and Shanghai?",
            parameters: ["tools": Self.tools, "parallel_tool_calls": true]
        ).document()
        #expect(names(cities) == ["get_weather", "get_weather"])
    }

    @Test
    func choiceDecides() {
        let none = Call(ask: "Weather?", parameters: ["tools": Self.tools, "tool_choice": "none"]).document()
        #expect(none.contentText == "Echo: Weather?")
        let idle = Call(ask: "Hello", parameters: ["tools": Self.tools]).document()
        #expect(idle.contentText == "Echo: Hello")
        let choice: JSON = ["type": "function", "function": ["name": "get_time"]]
        let forced = Call(ask: "Hello", parameters: ["tools": Self.tools, "tool_choice": choice]).document()
        #expect(names(forced) == ["get_time"])
        #expect(forced.choice?["finish_reason"] == "stop")
    }

    @Test
    func resultsAreQuoted() {
        let call: JSON = ["id": "a", "type": "function", "function": ["name": "get_weather", "arguments": "{}"]]
        let document = Call(
            messages: [
                ["role": "user", "content": "Weather?"], ["role": "assistant", "content": "", "tool_calls": [call]],
                ["role": "tool", "content": "cloudy", "tool_call_id": "a"],
            ],
            parameters: ["tools": Self.tools]
        ).document()
        #expect(document.contentText == "Tool results: get_weather said \"cloudy\"")
    }

    @Test(arguments: [(Call.Path.text, "qwen-plus"), (.multimodal, "qwen3-vl-plus")])
    func fragmentsJoinToTheWholeCall(path: Call.Path, model: String) throws {
        let call = Call(
            path,
            model: model,
            ask: "Weather in Hangzhou and Shanghai?",
            parameters: ["tools": Self.tools, "parallel_tool_calls": true]
        )
        var arguments = ["", ""]
        var openings = [0, 0]
        let events = call.streaming().events()
        for event in events {
            for fragment in event.answer?["tool_calls"]?.array ?? [] {
                let index = try #require(fragment["index"]?.int)
                let opens = fragment["id"]?.string?.isEmpty == false
                #expect(opens == (fragment["function"]?["name"] != nil))
                #expect(fragment["type"] == "function")
                openings[index] += opens ? 1 : 0
                arguments[index] += fragment["function"]?["arguments"]?.string ?? ""
            }
        }
        #expect(openings == [1, 1])
        #expect(arguments == ["{\"city\": \"Hangzhou\"}", "{\"city\": \"Shanghai\"}"])
        #expect(events.last?.choice?["finish_reason"] == "tool_calls")
        let overlaps = events.contains { ($0.answer?["tool_calls"]?.array?.count ?? 0) == 2 }
        #expect(overlaps == (path == .multimodal))
    }

    @Test
    func cumulativeStreamsRepeatWholeCalls() {
        let call = Call(ask: "Weather in Hangzhou?", parameters: ["tools": Self.tools]).streaming(incremental: false)
        let events = call.events()
        #expect(
            events.last?.answer?["tool_calls"]?[0]?["function"]?["arguments"] == "{\"city\": \"Hangzhou\"}"
        )
        #expect(events.allSatisfy { $0.answer?["tool_calls"]?[0]?["id"]?.string?.hasPrefix("call_") == true })
    }

    @Test
    func toolFaultsChangeTheFragments() {
        let parameters: JSON = ["tools": Self.tools]
        let question = "Weather in Hangzhou?"
        let repeats = Call(model: "emulator-repeats-tool-ids", ask: question, parameters: parameters).streaming()
        #expect(repeats.events().allSatisfy { $0.answer?["tool_calls"]?[0]?["id"] != "" })
        let stop = Call(model: "emulator-tools-finish-stop", ask: question, parameters: parameters).streaming()
        #expect(stop.events().last?.choice?["finish_reason"] == "stop")
        let whole = Call(model: "emulator-cumulative-tools", ask: question, parameters: parameters).streaming()
        #expect(
            whole.events().last?.answer?["tool_calls"]?[0]?["function"]?["arguments"] == "{\"city\": \"Hangzhou\"}"
        )
    }
}
