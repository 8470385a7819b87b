import Foundation
import Testing

@testable import APITranslation

struct CompletionsReplyTests {
    private func run(_ members: String, model: String = "qwen-plus") throws -> SplitRun {
        try SplitRun(#"{"model":"\#(model)",\#(members)}"#, CompletionsTranslator(catalog: ModelCatalog()))
    }

    private func chunks(_ stream: String) throws -> [JSON] {
        try stream.components(separatedBy: "\n\n").filter { !$0.isEmpty && $0 != "data: [DONE]" }
            .map { try JSON(parsing: String($0.dropFirst("data: ".count))) }
    }

    private func native(_ texts: [String], _ usage: String, id: String) -> String {
        let choices = texts.enumerated().map { index, text in
            #"{"finish_reason":"stop","index":\#(index),"message":{"role":"assistant","content":"\#(text)"}}"#
        }
        return
            #"{"output":{"choices":[\#(choices.joined(separator: ","))]},"usage":\#(usage),"request_id":"\#(id)"}"#
    }

    @Test func theFullCaseIsWrittenAsItsFixturesSay() throws {
        let request = try Fixture.text("completions/full.request.json")
        let native = try Fixture.text("completions/full.native.sse")
        let events = native.split(separator: "\n").filter { $0.hasPrefix("data:") }.map { String($0.dropFirst(5)) }
        let translator = CompletionsTranslator(catalog: ModelCatalog())
        #expect(
            try SplitRun(request, translator).answer(streams: [events]) == Fixture.text("completions/full.reply.sse")
        )
        let whole = try SplitRun(request.replacing(#""stream": true"#, with: #""stream": false"#), translator)
        #expect(
            try JSON(parsing: whole.answer(streams: [events]))
                == JSON(parsing: Fixture.text("completions/full.reply.json"))
        )
    }

    @Test func choicesStandInTheOrderOfPromptsAndUsageIsTheSum() throws {
        let run = try run(#""prompt":["p","q"],"n":2,"echo":true"#)
        let answer = try JSON(
            parsing: run.answer([
                native(
                    ["a", "b"],
                    #"{"input_tokens":3,"output_tokens":4,"total_tokens":7,"prompt_tokens_details":{"cached_tokens":1}}"#,
                    id: "u-1"
                ),
                native(
                    ["c", "d"],
                    #"{"input_tokens":5,"output_tokens":6,"output_tokens_details":{"reasoning_tokens":2}}"#,
                    id: "u-2"
                ),
            ])
        )
        let choices = try #require(answer["choices"]?.elements)
        #expect(choices.map { $0["text"]?.text } == ["pa", "pb", "qc", "qd"])
        #expect(choices.map { $0["index"]?.int } == [0, 1, 2, 3])
        #expect(choices.allSatisfy { $0["logprobs"] == .null })
        #expect(answer["id"]?.text == "cmpl-g-1")
        #expect(
            try answer["usage"]
                == JSON(
                    parsing:
                        #"{"prompt_tokens":8,"completion_tokens":10,"total_tokens":18,"prompt_tokens_details":{"cached_tokens":1},"completion_tokens_details":{"reasoning_tokens":2}}"#
                )
        )
    }

    @Test func aSingleAnswerHasUpstreamsId() throws {
        let answer = try JSON(parsing: run(#""prompt":"p""#).answer([native(["a"], "{}", id: "u-1")]))
        #expect(answer["id"]?.text == "cmpl-u-1")
        #expect(answer["usage"] == nil)
    }

    @Test func chunksOfAllPromptsHaveOneId() throws {
        let run = try run(#""prompt":["p","q"],"stream":true,"stream_options":{"include_usage":true}"#)
        let usage = #"{"input_tokens":3,"output_tokens":4,"total_tokens":7}"#
        let stream = try run.answer(
            streams: ["u-1", "u-2"].map { [native(["a"], usage, id: $0).replacing("stop", with: "length")] }
        )
        let chunks = try chunks(stream)
        #expect(Set(chunks.map { $0["id"]?.text }) == ["cmpl-g-1"])
        #expect(chunks.map { $0["choices"]?[0]?["index"]?.int } == [0, 0, 1, 1, nil])
        #expect(chunks.map { $0["choices"]?[0]?["finish_reason"]?.text } == [nil, "length", nil, "length", nil])
        #expect(chunks.last?["usage"]?["total_tokens"]?.int == 14)
        #expect(stream.hasSuffix("data: [DONE]\n\n"))
    }

    /// What upstream tells beside the text stays, in the choice it belongs to.
    @Test func sourcesAndReasoningAreNoText() throws {
        let event =
            #"{"output":{"choices":[{"message":{"role":"assistant","content":"x [1]","reasoning_content":"why"},"finish_reason":"stop"}],"search_info":{"search_results":[{"index":1,"title":"T","url":"https://e.com"}]}},"usage":{},"request_id":"u-1"}"#
        let choice = try JSON(parsing: run(#""prompt":"p","enable_search":true"#).answer([event]))["choices"]?[0]
        #expect(choice?["text"]?.text == "x [1]")
        #expect(choice?["reasoning_content"]?.text == "why")
        #expect(choice?["search_info"]?["search_results"]?[0]?["title"]?.text == "T")
        #expect(choice?["annotations"]?[0]?["url_citation"]?["url"]?.text == "https://e.com")
        let chunks = try chunks(run(#""prompt":"p","stream":true"#).answer(streams: [[event]]))
        #expect(chunks.compactMap { $0["choices"]?[0]?["text"]?.text }.joined() == "x [1]")
        #expect(chunks.compactMap { $0["choices"]?[0]?["reasoning_content"]?.text } == ["why"])
        #expect(chunks.contains { $0["choices"]?[0]?["search_info"] != nil })
    }

    @Test func anAnswerThatIsCutIsAnError() throws {
        let event = #"{"output":{"choices":[{"message":{"content":"x"},"finish_reason":"null"}]},"request_id":"u"}"#
        #expect(throws: APIError.self) {
            _ = try run(#""prompt":"p","stream":true"#).answer(streams: [[event]])
        }
        #expect(throws: APIError.self) { _ = try run(#""prompt":"p""#).answer([#"{"output":{"choices":[]"#]) }
        #expect(throws: APIError.self) {
            _ = try run(#""prompt":"p""#).answer([#"{"code":"Throttling","message":"slow"}"#])
        }
    }
}
