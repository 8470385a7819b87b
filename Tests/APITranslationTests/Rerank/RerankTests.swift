import NIOCore
import Testing

@testable import APITranslation

struct RerankTests {
    private static let translator = RerankTranslator(catalog: ModelCatalog())

    private func run(_ members: String, model: String = "qwen3-rerank") throws -> SplitRun {
        try SplitRun(#"{"model":"\#(model)","query":"q",\#(members)}"#, Self.translator)
    }

    private static let native =
        #"{"output":{"results":[{"index":0,"relevance_score":0.0031},{"index":2,"relevance_score":0.7314}]},"usage":{"total_tokens":79},"request_id":"r"}"#

    @Test func documentsAreTextsOrObjects() throws {
        let run = try run(
            #""documents":["a",{"text":"b","id":7},"c"],"top_n":2,"instruct":"i","return_documents":true"#
        )
        #expect(
            String(buffer: run.request.calls[0].body)
                == #"{"model":"qwen3-rerank","input":{"query":"q","documents":["a","b","c"]},"parameters":{"top_n":2,"instruct":"i"}}"#
        )
        #expect(run.request.calls[0].operation == .rerank)
    }

    @Test func theBestComesFirstWithTheDigitsOfItsScore() throws {
        let text = try run(#""documents":["a","b","c"]"#).answer([Self.native])
        #expect(
            text.hasPrefix(
                #"{"object":"list","model":"qwen3-rerank","results":[{"index":2,"relevance_score":0.7314},{"index":0,"relevance_score":0.0031}],"id":"rerank-r-1","usage":{"total_tokens":79,"prompt_tokens":79}"#
            )
        )
    }

    @Test func documentsComeFromTheRequest() throws {
        let run = try run(#""documents":["a",{"text":"b"},{"text":"c","id":7}],"return_documents":true"#)
        let answer = try JSON(parsing: run.answer([Self.native]))
        #expect(answer["results"]?[0]?["document"] == (try JSON(parsing: #"{"text":"c","id":7}"#)))
        #expect(answer["results"]?[1]?["document"] == (try JSON(parsing: #"{"text":"a"}"#)))
    }

    @Test func modelsThatSeeTakeImages() throws {
        let run = try SplitRun(
            #"{"model":"qwen3-vl-rerank","query":{"image":"oss://k"},"documents":["a",{"text":"b"},{"image":"http://x/y.png"},{"video":"http://x/z.mp4"}]}"#,
            Self.translator
        )
        let input = try JSON(
            parsing:
                #"{"query":{"image":"oss://k"},"documents":["a",{"text":"b"},{"image":"http://x/y.png"},{"video":"http://x/z.mp4"}]}"#
        )
        #expect(run.bodies[0]["input"] == input)
        #expect(run.request.calls[0].resolvesOSS)
    }

    @Test func ignoredFieldsAreReported() throws {
        let run = try run(#""documents":["a"],"rank_fields":["text"],"max_chunks_per_doc":3"#)
        #expect(run.request.adjustments.entries.map(\.name) == ["rank_fields", "max_chunks_per_doc"])
    }

    @Test(arguments: [
        (#"{"model":"qwen3-rerank","documents":["a"]}"#, "query"),
        (#"{"model":"qwen3-rerank","query":"","documents":["a"]}"#, "query"),
        (#"{"model":"qwen3-rerank","query":"q"}"#, "documents"),
        (#"{"model":"qwen3-rerank","query":"q","documents":[]}"#, "documents"),
        (#"{"model":"qwen3-rerank","query":"q","documents":["a",5]}"#, "documents[1]"),
        (#"{"model":"qwen3-rerank","query":"q","documents":[{"image":"http://x/y.png"}]}"#, "documents[0]"),
        (#"{"model":"qwen3-rerank","query":"q","documents":["a"],"top_n":0}"#, "top_n"),
        (#"{"model":"qwen-plus","query":"q","documents":["a"]}"#, "model"),
    ]) func faultsNameTheParameter(request: String, param: String) {
        let error = SplitRun.refusal(request, Self.translator)
        #expect(error?.status == 400)
        #expect(error?.param == param)
    }

    @Test func moreDocumentsThanTheModelRanksAreRefused() {
        let documents = Array(repeating: "\"x\"", count: 101).joined(separator: ",")
        let error = SplitRun.refusal(
            #"{"model":"qwen3-vl-rerank","query":"q","documents":[\#(documents)]}"#,
            Self.translator
        )
        #expect(error?.code == "array_above_max_length")
        #expect(error?.param == "documents")
    }

    @Test(arguments: [
        #"{"output":{"results":[{"index":3,"relevance_score":0.1}]}}"#, #"{"output":{"results":[{"index":0}]}}"#,
        #"{"output":{}}"#, "x",
    ]) func anAnswerAboutNoDocumentIsUpstreamsFault(native: String) throws {
        let run = try run(#""documents":["a","b","c"]"#)
        let error = #expect(throws: APIError.self) { try run.answer([native]) }
        #expect(error?.code == "upstream_invalid_response")
    }
}
