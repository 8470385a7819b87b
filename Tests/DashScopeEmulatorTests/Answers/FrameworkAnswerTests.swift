@testable import DashScopeEmulator
import Testing

/// What frameworks need, so that they come to an end: output tools, and schemas that stand in the prompt.
struct FrameworkAnswerTests {
    private static func tool(_ name: String) -> JSON {
        [
            "type": "function",
            "function": [
                "name": .string(name),
                "parameters": ["type": "object", "properties": ["city": ["type": "string"]], "required": ["city"]],
            ],
        ]
    }

    private static func called(_ name: String, id: String = "a") -> JSON {
        let call: JSON = [
            "id": .string(id), "type": "function", "function": ["name": .string(name), "arguments": "{}"],
        ]
        return ["role": "assistant", "content": "", "tool_calls": [call]]
    }

    private static let question: JSON = ["role": "user", "content": "Weather in Hangzhou?"]
    private static let result: JSON = ["role": "tool", "content": "cloudy", "tool_call_id": "a"]

    private func names(_ messages: JSON, _ tools: JSON, parameters: JSON = [:]) -> [String] {
        var parameters = parameters
        parameters["tools"] = tools
        let document = Call(messages: messages, parameters: parameters).document()
        return (document.answer?["tool_calls"]?.array ?? []).compactMap { $0["function"]?["name"]?.string }
    }

    @Test(arguments: ["final_result", "final_result_Report", "final_answer"])
    func anOutputToolIsCalledAfterTheResults(output: String) {
        let tools: JSON = [Self.tool("get_weather"), Self.tool(output)]
        #expect(names([Self.question], tools) == ["get_weather"])
        #expect(names([Self.question, Self.called("get_weather"), Self.result], tools) == [output])
        #expect(names([["role": "user", "content": "Hello"]], tools) == [output])
    }

    @Test
    func theOutputToolGetsTheResult() {
        let document = Call(
            messages: [Self.question, Self.called("get_weather"), Self.result],
            parameters: ["tools": [Self.tool("get_weather"), Self.tool("final_answer")]]
        ).document()
        #expect(document.answer?["tool_calls"]?[0]?["function"]?["arguments"] == "{\"city\": \"cloudy\"}")
    }

    @Test(arguments: [
        ("What is the weather in San Francisco, CA?", ["San Francisco, CA"]),
        ("Weather in Hangzhou, Shanghai and New York?", ["Hangzhou", "Shanghai", "New York"]),
        ("Weather for '你好' (Hello Group), it's Tom's call", ["你好"]),
        ("Weather, please", ["city"]),
    ])
    func namesInAQuestionAreArguments(question: String, cities: [String]) {
        let document = Call(
            messages: [["role": "user", "content": .string(question)]],
            parameters: ["tools": [Self.tool("get_weather")], "parallel_tool_calls": true]
        ).document()
        let calls = document.answer?["tool_calls"]?.array ?? []
        #expect(calls.map { $0["function"]?["arguments"]?.string } == cities.map { "{\"city\": \"\($0)\"}" })
    }

    @Test
    func numbersInAQuestionAreArgumentsWhereTheyAreAllowed() {
        let integer: JSON = ["type": "integer", "exclusiveMinimum": 2, "maximum": 50]
        let filler = SchemaFiller(root: integer, words: [], numbers: QuestionWords("add 2, -7, 51 and 3.").numbers)
        #expect(filler.value() == 3)
        #expect(SchemaFiller(root: integer, words: [], numbers: QuestionWords("add t2, 1.5").numbers).value() == 3)
        #expect(QuestionWords("v2 -7 3.5 10").numbers == [-7, 10])
    }

    @Test
    func jsonHasTheKeysOfThePrompt() {
        let document = Call(
            messages: [["role": "user", "content": "JSON with 'setup' and 'punchline' keys"]],
            parameters: ["response_format": ["type": "json_object"]]
        ).document()
        let answer = JSON(bytes: Array((document.answer?["content"]?.string ?? "").utf8))
        #expect(answer?.members?.map(\.name).sorted() == ["punchline", "setup"])
    }

    @Test
    func anObservationOfAUserIsAResult() {
        let tools: JSON = [Self.tool("get_weather"), Self.tool("final_answer")]
        let messages: JSON = [
            Self.question, ["role": "assistant", "content": "Calling tools: get_weather"],
            ["role": "user", "content": "Observation:\nthe weather is cloudy"],
        ]
        #expect(names(messages, tools) == ["final_answer"])
    }

    @Test
    func anOutputToolIsCalledAgainAfterAComplaint() {
        let choice: JSON = ["type": "function", "function": ["name": "final_result"]]
        let messages: JSON = [Self.question, Self.called("final_result"), Self.result]
        #expect(names(messages, [Self.tool("final_result")], parameters: ["tool_choice": choice]) == ["final_result"])
    }

    @Test
    func aCallThatThePromptAsksForIsMade() {
        let tools: JSON = [Self.tool("get_weather"), Self.tool("Report")]
        let system: JSON = ["role": "system", "content": "Be brief. You must call one of the tools."]
        #expect(names([system, ["role": "user", "content": "Hello"]], tools) == ["get_weather"])
        #expect(names([system, Self.question, Self.called("get_weather"), Self.result], tools) == ["Report"])
        let both = JSON.array([
            system, Self.question, Self.called("get_weather"), Self.result, Self.called("Report", id: "b"),
            ["role": "tool", "content": "good", "tool_call_id": "b"],
        ])
        #expect(names(both, tools) == [])
    }

    @Test
    func aSchemaInThePromptIsFilled() {
        let system = """
            Answer with JSON that matches this schema:
            {"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}}
            An example that is no schema: {"name": "x"}
            """
        let messages: JSON = [["role": "system", "content": .string(system)], ["role": "user", "content": "Anna"]]
        let filled: JSON = ["name": "Anna", "age": 1]
        #expect(JSON(bytes: Call(messages: messages).document().contentText.utf8) == filled)
        let object = Call(messages: messages, parameters: ["response_format": ["type": "json_object"]])
        #expect(JSON(bytes: object.document().contentText.utf8) == filled)
    }

    @Test
    func aSchemaInTheQuestionDoesNotBecomeItsOwnWords() {
        let question =
            "As JSON of the schema {\"properties\": {\"name\": {\"type\": \"string\"}}}, within a ```json codeblock"
        #expect(Call(ask: question).document().contentText == "```json\n{\"name\": \"name\"}\n```")
    }

    @Test
    func toolsDescribedInAPromptAreNoSchemaOfTheAnswer() {
        let system = "Reply in JSON. Tools by schema: {\"name\": \"f\", \"parameters\": {\"properties\": {}}}"
        let document = Call(messages: [
            ["role": "system", "content": .string(system)], ["role": "user", "content": "Hi"],
        ])
        #expect(document.document().contentText == "Echo: Hi")
    }

    @Test
    func bracketsWithoutEndAreReadInBoundedTime() {
        let text = "json schema " + String(repeating: "{\"a\": ", count: 20_000)
        #expect(Call(ask: text).reply().status == 200)
    }

    @Test
    func anAgentThatRunsCodeGetsCode() {
        let system = "Write code between <code> and </code>; end with final_answer(...)."
        let messages: JSON = [["role": "system", "content": .string(system)], ["role": "user", "content": "Hi"]]
        #expect(Call(messages: messages).document().contentText.contains("<code>\nfinal_answer(\"Echo: Hi\")\n</code>"))
    }
}
