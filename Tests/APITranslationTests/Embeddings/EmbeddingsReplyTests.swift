import Foundation
import Testing

@testable import APITranslation

struct EmbeddingsReplyTests {
    private func answer(_ members: String, model: String = "text-embedding-v4", _ natives: String...) throws -> JSON {
        try JSON(parsing: try SplitRun(#"{"model":"\#(model)",\#(members)}"#).answer(natives))
    }

    private static let two =
        #"{"output":{"embeddings":[{"embedding":[0.1000,-2e-3],"text_index":1},{"embedding":[3,0.25],"text_index":0}]},"usage":{"total_tokens":7},"request_id":"r"}"#

    @Test func vectorsStandInTheOrderOfTheInputsWithTheirDigits() throws {
        let text = try SplitRun(#"{"model":"text-embedding-v4","input":["a","b"]}"#).answer([Self.two])
        #expect(
            text
                == #"{"object":"list","model":"text-embedding-v4","data":[{"object":"embedding","index":0,"embedding":[3,0.25]},{"object":"embedding","index":1,"embedding":[0.1000,-2e-3]}],"usage":{"prompt_tokens":7,"total_tokens":7}}"#
        )
    }

    @Test func base64HoldsFloats() throws {
        let answer = try answer(#""input":["a","b"],"encoding_format":"base64""#, Self.two)
        let text = try #require(answer["data"]?[1]?["embedding"]?.text)
        let data = try #require(Data(base64Encoded: text))
        #expect(data == [Float(0.1), Float(-0.002)].withUnsafeBytes { Data($0) })
    }

    @Test func partsAreNumberedOnAndUsageIsSummed() throws {
        let texts = Array(repeating: "\"x\"", count: 11).joined(separator: ",")
        let first = (0..<10).map { #"{"embedding":[\#($0)],"text_index":\#($0)}"# }.joined(separator: ",")
        let answer = try answer(
            "\"input\":[\(texts)]",
            #"{"output":{"embeddings":[\#(first)]},"usage":{"total_tokens":20},"request_id":"a"}"#,
            #"{"output":{"embeddings":[{"embedding":[10],"text_index":0}]},"usage":{"total_tokens":2},"request_id":"b"}"#
        )
        let data = try #require(answer["data"]?.elements)
        #expect(data.count == 11)
        for (index, item) in data.enumerated() {
            #expect(item["index"] == (try JSON(parsing: "\(index)")))
            #expect(item["embedding"] == (try JSON(parsing: "[\(index)]")))
        }
        #expect(answer["usage"] == (try JSON(parsing: #"{"prompt_tokens":22,"total_tokens":22}"#)))
    }

    @Test func sparseVectorsAreCarried() throws {
        let sparse = #"[{"index":7149,"value":0.829,"token":"[1,2]"}]"#
        let native =
            #"{"output":{"embeddings":[{"sparse_embedding":\#(sparse),"text_index":0}]},"usage":{"total_tokens":7}}"#
        let answer = try answer(#""input":"a","output_type":"sparse""#, native)
        #expect(answer["data"]?[0]?["embedding"] == .array([]))
        #expect(answer["data"]?[0]?["sparse_embedding"] == (try JSON(parsing: sparse)))
    }

    @Test func multimodalUsageIsTokensOfTextAndImages() throws {
        let native =
            #"{"output":{"embeddings":[{"index":0,"embedding":[1],"type":"text"},{"index":1,"embedding":[2],"type":"image"}]},"usage":{"input_tokens":10,"image_tokens":896,"image_count":1},"request_id":"r"}"#
        let answer = try answer(#""input":["a",{"image":"http://x/y.png"}]"#, model: "qwen3-vl-embedding", native)
        #expect(answer["data"]?[1]?["type"] == .string("image"))
        let usage =
            #"{"prompt_tokens":906,"total_tokens":906,"input_tokens":10,"image_tokens":896,"image_count":1}"#
        #expect(answer["usage"] == (try JSON(parsing: usage)))
    }

    @Test func aFusedVectorIsOne() throws {
        let native = #"{"output":{"embeddings":[{"index":0,"embedding":[1],"type":"vl"}]},"usage":{"input_tokens":1}}"#
        let answer = try answer(#""input":["a","b"]"#, model: "qwen2.5-vl-embedding", native)
        #expect(answer["data"]?.elements.count == 1)
    }

    @Test(arguments: [
        "", "{", "[]", #"{"output":{}}"#, #"{"output":{"embeddings":[]}}"#,
        #"{"output":{"embeddings":[{"embedding":[1],"text_index":0}]}}"#,
        #"{"output":{"embeddings":[{"embedding":[1],"text_index":0},{"embedding":[1],"text_index":0}]}}"#,
        #"{"output":{"embeddings":[{"embedding":[1],"text_index":0},{"embedding":[1],"text_index":2}]}}"#,
        #"{"output":{"embeddings":[{"embedding":[1,x],"text_index":0},{"embedding":[1],"text_index":1}]}}"#,
        #"{"output":{"embeddings":[{"embedding":[1],"more":[1,x],"text_index":0},{"embedding":[1],"text_index":1}]}}"#,
        #"{"output":{"embeddings":[{"embedding":"1","text_index":0},{"embedding":[1],"text_index":1}]}}"#,
    ]) func anAnswerThatIsNotWhatWasAskedForIsUpstreamsFault(native: String) throws {
        let run = try SplitRun(#"{"model":"text-embedding-v4","input":["a","b"]}"#)
        let error = #expect(throws: APIError.self) { try run.answer([native]) }
        #expect(error?.code == "upstream_invalid_response")
        #expect(error?.status == 502)
    }

    @Test func aRefusalWithStatus200IsOne() throws {
        let run = try SplitRun(#"{"model":"text-embedding-v4","input":"a"}"#)
        let native = #"{"code":"Throttling","message":"Requests rate limit exceeded","request_id":"r"}"#
        let error = #expect(throws: APIError.self) { try run.answer([native]) }
        #expect(error?.status == 429)
        #expect(error?.requestID == "r")
    }
}
