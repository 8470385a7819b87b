@testable import DashScopeEmulator
import Testing

struct ParameterRefusalTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var model = "qwen-plus"
        var path = Call.Path.text
        var parameters: JSON
        var streams = false
        var fragment: String?
        var testDescription: String { "\(model) \(parameters.text.prefix(100)) \(streams)" }
    }

    private static let tool: JSON = ["type": "function", "function": ["name": "f", "parameters": [:]]]
    private static let choice: JSON = ["type": "function", "function": ["name": "f"]]

    private static func refused(_ parameters: JSON, _ fragment: String) -> Case {
        Case(parameters: parameters, fragment: fragment)
    }

    static let sampling: [Case] = [
        refused(["temperature": 2], "Temperature should be in [0.0, 2.0)"),
        refused(["temperature": -0.1], "Temperature should be in [0.0, 2.0)"),
        refused(["temperature": "1"], "temperature must be a number"),
        refused(["temperature": nil], "temperature must be a number"),
        Case(parameters: ["temperature": 1.99]), Case(parameters: ["temperature": 0]),
        refused(["top_p": 0], "Range of top_p should be (0.0, 1.0]"), refused(["top_p": 1.1], "Range of top_p"),
        refused(["top_k": -1], "Parameter top_k be greater than or equal to 0"), Case(parameters: ["top_k": nil]),
        refused(["seed": -1], "Range of seed should be [0, 9223372036854775807]"),
        refused(["seed": 1.5], "Range of seed"), refused(["repetition_penalty": 0], "Repetition_penalty should be"),
        refused(["presence_penalty": 2.1], "Presence_penalty should be in [-2.0, 2.0]"),
        refused(["n": 5], "Range of n should be [1, 4]"), refused(["n": 0], "Range of n should be [1, 4]"),
        refused(["n": 2, "tools": [tool]], "n parameter must be 1"),
        refused(["logprobs": true, "top_logprobs": 6], "Range of top_logprobs should be [0, 5]"),
        refused(["top_logprobs": 1], "top_logprobs requires logprobs"), refused(["logprobs": 1], "must be a boolean"),
        refused(["max_tokens": 0], "Range of max_tokens should be [1, 32768]"),
        refused(["max_tokens": 32_769], "Range of max_tokens should be [1, 32768]"),
        refused(["max_completion_tokens": 0], "Range of max_completion_tokens"),
        refused(["stop": ["a", 1]], "Stop parameter type"), refused(["stop": 1], "Stop parameter type"),
        Case(parameters: ["stop": [[1, 2], [3]]]), Case(parameters: ["unknown": true, "frequency_penalty": 9]),
    ]

    static let tools: [Case] = [
        refused(["tools": [tool], "tool_choice": "required"], "should be [\"none\", \"auto\"]"),
        refused(["tools": []], "[] is too short"),
        refused(["tools": [["type": "function", "function": ["name": "search"]]]], "not allowed to be [search]"),
        refused(["tools": [["type": "function", "function": ["name": "a b"]]]], "does not match"),
        refused(["tools": [["name": "f"]]], "tools.0 must be an object"),
        refused(["tools": [tool], "result_format": "text"], "result_format must be \"message\""),
        Case(parameters: ["tools": [tool], "tool_choice": choice]),
        Case(model: "qwen-mt-plus", parameters: ["tools": [tool]], fragment: "tool call is not supported"),
        Case(
            model: "deepseek-r1",
            parameters: ["tools": [tool], "tool_choice": choice],
            fragment: "tool_choice parameter does not support"
        ),
        refused(["parallel_tool_calls": "yes"], "must be a boolean"),
    ]

    static let formats: [Case] = [
        refused(["result_format": "xml"], "result_format must be"),
        refused(["response_format": ["type": "xml"]], "Unknown format of response_format"),
        refused(["response_format": ["type": "json_object"]], "must contain the word 'json' in some form"),
        refused(["response_format": ["type": "json_schema"]], "'json_schema' is a required property"),
        refused(
            ["response_format": ["type": "json_schema", "json_schema": ["name": "a b", "schema": [:]]]],
            "json_schema.name must match"
        ),
        refused(["enable_search": "yes"], "must be a boolean"),
        refused(["search_options": ["freshness": 3]], "freshness must be one of"),
        refused(["search_options": ["search_strategy": "deep"]], "search_strategy must be one of"),
        Case(
            model: "qwen3-coder-plus",
            parameters: ["enable_search": true],
            fragment: "does not support enable_search"
        ),
        refused(["enable_code_interpreter": true], "does not support enable_code_interpreter"),
        Case(
            model: "qwen-mt-turbo",
            parameters: ["translation_options": ["target_lang": "Klingon"]],
            fragment: "暂时不支持当前设置的语种！"
        ),
    ]

    static let thinking: [Case] = [
        Case(model: "qwen-max", parameters: ["enable_thinking": false], fragment: "does not support enable_thinking"),
        Case(model: "deepseek-r1", parameters: ["enable_thinking": false], fragment: "restricted to True"),
        Case(model: "qwq-plus", parameters: [:], fragment: "only support stream mode"),
        Case(model: "qwq-plus", parameters: [:], streams: true),
        Case(model: "qwen3-32b", parameters: [:], fragment: "must be set to false for non-streaming calls"),
        Case(model: "qwen3-32b", parameters: ["enable_thinking": false]),
        Case(parameters: ["enable_thinking": true], fragment: "enable_thinking only support stream call"),
        Case(model: "qwen3-max", parameters: ["enable_thinking": true]),
        Case(
            model: "deepseek-v4-pro",
            parameters: ["enable_thinking": true, "reasoning_effort": "high", "thinking_budget": 2_000],
            fragment: "'reasoning_effort' and 'thinking_budget' cannot be set simultaneously"
        ),
        Case(
            model: "glm-5.2",
            parameters: ["reasoning_effort": "max", "thinking_budget": 2_000],
            fragment: "cannot be set simultaneously"
        ),
        Case(model: "glm-5.2", parameters: ["reasoning_effort": "max"]),
        Case(
            parameters: ["enable_thinking": true],
            streams: true,
            fragment: "incremental_output parameter must be \"true\" when enable_thinking is true"
        ),
        Case(
            model: "qwen3-32b",
            parameters: ["incremental_output": false, "enable_thinking": false],
            streams: true,
            fragment: "cannot be set to False"
        ),
        Case(
            parameters: ["enable_thinking": true, "incremental_output": true, "result_format": "text"],
            streams: true,
            fragment: "result_format must be \"message\""
        ),
        Case(parameters: ["thinking_budget": 0], fragment: "thinking_budget parameter must be a positive integer"),
        Case(
            model: "deepseek-r1",
            parameters: ["response_format": ["type": "json_object"]],
            fragment: "Json mode response is not supported when enable_thinking is true"
        ),
        Case(
            model: "qwen3-max",
            parameters: ["enable_thinking": true, "enable_search": true],
            fragment: "Non-streaming mode does not support Web Search in thinking mode"
        ),
        Case(model: "deepseek-r1", parameters: ["n": 2], fragment: "must be 1"),
        Case(model: "deepseek-v4-pro", parameters: ["reasoning_effort": "none"], fragment: "reasoning_effort must be"),
        Case(model: "qwen3.5-omni-plus", path: .multimodal, parameters: [:], fragment: "only support stream mode"),
    ]

    @Test(arguments: sampling + tools + formats + thinking)
    func parametersAreServedOrRefused(_ testCase: Case) {
        var call = Call(testCase.path, model: testCase.model, ask: "Hello", parameters: testCase.parameters)
        if testCase.streams { call = call.streaming(incremental: nil) }
        let reply = call.reply()
        guard let fragment = testCase.fragment else {
            #expect(reply.status == 200 && reply.code == nil, "\(reply.text)")
            return
        }
        let refusal = reply.isChunked ? reply.events.first?.data : JSON(bytes: reply.body)
        #expect(refusal?["message"]?.string?.contains(fragment) == true, "\(reply.text.prefix(300))")
    }

    @Test
    func thinkingWhereThereIsNoneHasItsOwnCode() {
        let reply = Call(model: "qwen-max", ask: "Hello", parameters: ["enable_thinking": true]).reply()
        #expect(reply.code == "InvalidParameter.NotSupportEnableThinking")
    }

    @Test
    func streamingRefusalsComeEitherWay() {
        let replies = (0..<32).map {
            Call(ask: "Hello \($0)", parameters: ["top_p": 0]).streaming().reply()
        }
        #expect(Set(replies.map(\.status)) == [200, 400])
        for reply in replies where reply.status == 200 {
            #expect(reply.text.hasPrefix("id:1\nevent:error\n:HTTP_STATUS/400\ndata:{\"code\":\"InvalidParameter\""))
        }
    }
}
