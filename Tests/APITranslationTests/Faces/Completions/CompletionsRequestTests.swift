import JSONBytes
import NIOCore
import Testing

@testable import APITranslation

struct CompletionsRequestTests {
    private static let translator = CompletionsTranslator(
        catalog: ModelCatalog(),
        options: {
            var options = TranslationOptions()
            options.maximumPrompts = 3
            return options
        }()
    )

    private func run(_ members: String, model: String = "qwen-plus") throws -> SplitRun {
        try SplitRun(#"{"model":"\#(model)",\#(members)}"#, Self.translator)
    }

    private func refusal(_ members: String, model: String = "qwen-plus") -> APIError? {
        SplitRun.refusal(#"{"model":"\#(model)",\#(members)}"#, Self.translator)
    }

    @Test func theFullRequestBecomesTheCallOfItsFixture() throws {
        let run = try SplitRun(Fixture.text("completions/full.request.json"), Self.translator)
        let expected = try JSON(parsing: Fixture.text("completions/full.call.json"))
        #expect(run.bodies == [try #require(expected["body"])])
        #expect(run.request.calls[0].operation.rawValue == expected["operation"]?.text)
        #expect(JSON.bool(run.request.calls[0].streamsUpstream) == expected["streams"])
        #expect(run.request.adjustments.texts.map { .string($0) } == expected["adjustments"]?.elements)
    }

    @Test func eachPromptIsACall() throws {
        let run = try run(#""prompt":["one","two"],"max_tokens":5,"new":1"#)
        let messages = run.bodies.map { $0["input"]?["messages"]?[0] }
        #expect(messages.map { $0?["content"]?.text } == ["one", "two"])
        #expect(messages.allSatisfy { $0?["role"]?.text == "user" })
        #expect(run.bodies[0]["parameters"] == run.bodies[1]["parameters"])
        #expect(run.bodies[0]["parameters"]?["new"]?.int == 1)
        #expect(run.request.calls.allSatisfy { !$0.streamsUpstream })
    }

    @Test func multimodalModelsGetPartsAndAreAskedAgainOnTheOtherPath() throws {
        let body = try run(#""prompt":"a","reasoning_effort":"none""#, model: "qwen3.6-plus").bodies[0]
        #expect(body["input"]?["messages"]?[0]?["content"]?[0]?["text"]?.text == "a")
        #expect(body["parameters"]?["enable_thinking"] == .bool(false))
        let other = try Self.translator.translate(
            .init(string: #"{"model":"brand-new","prompt":"a"}"#),
            tape: .init(),
            strict: false,
            created: 1,
            operation: .multimodalGeneration
        )
        #expect(other.calls[0].operation == .multimodalGeneration)
        #expect(String(buffer: other.calls[0].body).contains(#""content":[{"text":"a"}]"#))
    }

    @Test(arguments: [
        "qwen-coder-turbo", "qwen-coder-turbo-0919", "qwen-coder-turbo-latest", "qwen2.5-coder-7b-instruct",
        "qwen2.5-coder-14b-instruct", "qwen2.5-coder-32b-instruct",
    ])
    func aSuffixIsAGapOnModelsThatKnowIt(model: String) throws {
        let body = try run(#""prompt":"a\"é","suffix":"\nb""#, model: model).bodies[0]
        #expect(
            body["input"]?["messages"]?[0]?["content"]?.text
                == "<|fim_prefix|>a\"é<|fim_suffix|>\nb<|fim_middle|>"
        )
        // Nothing in front of the gap is a text, too.
        #expect(refusal(#""prompt":"","suffix":"b""#, model: model) == nil)
        #expect(refusal(#""prompt":"""#, model: model)?.param == "prompt")
    }

    @Test func aSuffixIsRefusedElsewhere() {
        for model in ["qwen-plus", "qwen3-coder-plus", "qwen2.5-coder-1.5b-instruct"] {
            #expect(refusal(#""prompt":"a","suffix":"b""#, model: model)?.param == "suffix")
            #expect(refusal(#""prompt":"a","suffix":"""#, model: model) == nil)
        }
    }

    @Test(arguments: [
        ("null", "prompt", "missing_required_parameter"), ("[]", "prompt", "empty_array"),
        ("[1,2]", "prompt", "invalid_type"), ("[[1],[2]]", "prompt", "invalid_type"), ("5", "prompt", "invalid_type"),
        ("{}", "prompt", "invalid_type"), ("\"\"", "prompt", "invalid_value"),
        (#"["a",""]"#, "prompt[1]", "invalid_value"), (#"["a",null]"#, "prompt[1]", "invalid_type"),
        (#"["a","b","c","d"]"#, "prompt", "array_above_max_length"),
    ])
    func promptsThatAreNone(prompt: String, param: String, code: String) {
        let error = refusal(#""prompt":\#(prompt)"#)
        #expect(error?.status == 400)
        #expect(error?.param == param)
        #expect(error?.code == code)
    }

    @Test(arguments: [
        (#""n":5"#, "n"), (#""n":0"#, "n"), (#""logprobs":6"#, "logprobs"), (#""logprobs":true"#, "logprobs"),
        (#""best_of":1,"n":2"#, "best_of"), (#""best_of":21"#, "best_of"), (#""max_tokens":0"#, "max_tokens"),
        (#""stop":[true]"#, "stop[0]"), (#""temperature":2.1"#, "temperature"), (#""echo":1"#, "echo"),
        (#""tools":[{}]"#, "tools"), (#""functions":[{}]"#, "functions"), (#""suffix":1"#, "suffix"),
        (#""stream_options":{"include_usage":1}"#, "stream_options.include_usage"),
        (#""reasoning_effort":"huge""#, "reasoning_effort"),
    ])
    func fieldsThatAreRefused(members: String, param: String) {
        #expect(refusal(#""prompt":"a",\#(members)"#)?.param == param)
    }

    @Test func whatIsNullIsAbsent() throws {
        let names = CompletionsFields.all.map { "\($0.name)" }.filter { $0 != "model" && $0 != "prompt" }
        let members = names.map { "\"\($0)\":null" }.joined(separator: ",")
        let body = try run(#""prompt":"a",\#(members)"#).bodies
        #expect(try body == run(#""prompt":"a""#).bodies)
    }

    @Test func repairsAreReportedAndRefusedInStrictMode() throws {
        let members = #""prompt":"a","best_of":3,"frequency_penalty":1,"echo":true,"logprobs":0"#
        let run = try run(members)
        #expect(
            run.request.adjustments.texts.map { String($0.prefix { $0 != ";" }) } == [
                "frequency_penalty", "best_of", "logprobs",
            ]
        )
        #expect(run.bodies[0]["parameters"]?["logprobs"] == .bool(true))
        #expect(run.bodies[0]["parameters"]?["top_logprobs"] == nil)
        #expect(throws: APIError.self) {
            _ = try SplitRun(#"{"model":"qwen-plus",\#(members)}"#, Self.translator, strict: true)
        }
    }

    /// The parameters stand in each call.
    @Test func manyPromptsDoNotMultiplyLargeParameters() {
        let stops = (0..<9000).map { "\"stop \($0)\"" }.joined(separator: ",")
        #expect(refusal(#""prompt":"a","stop":[\#(stops)]"#) == nil)
        #expect(refusal(#""prompt":["a","b"],"stop":[\#(stops)]"#)?.param == "prompt")
        let suffix = String(repeating: "x", count: 70_000)
        #expect(refusal(#""prompt":"a","suffix":"\#(suffix)""#, model: "qwen-coder-turbo") == nil)
        #expect(refusal(#""prompt":["a","b"],"suffix":"\#(suffix)""#, model: "qwen-coder-turbo")?.param == "prompt")
    }
}
