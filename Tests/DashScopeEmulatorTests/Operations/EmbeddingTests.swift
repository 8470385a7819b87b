@testable import DashScopeEmulator
import NIOHTTP1
import Testing

struct EmbeddingTests {
    private func call(_ texts: JSON?, model: String = "text-embedding-v4", parameters: JSON = [:]) -> Call {
        Call(ask: "").with {
            $0.path = TextEmbedding.path
            var input: JSON = [:]
            input["texts"] = texts
            $0.body = ["model": .string(model), "input": input, "parameters": parameters]
        }
    }

    private func vectors(_ document: JSON) -> [Int: [Double]] {
        let items = (document["output"]?["embeddings"]?.array ?? []).map { item in
            (item["text_index"]?.int ?? -1, (item["embedding"]?.array ?? []).compactMap(\.number))
        }
        return Dictionary(items) { first, _ in first }
    }

    private func product(_ left: [Double]?, _ right: [Double]?) -> Double {
        zip(left ?? [], right ?? []).reduce(0) { $0 + $1.0 * $1.1 }
    }

    @Test
    func vectorsHaveUnitLengthAndBelongToTheirTexts() {
        let document = call(["the quick brown fox", "the quick red fox", "rain in Spain"]).document()
        let found = vectors(document)
        #expect(found.keys.sorted() == [0, 1, 2])
        #expect(found.values.allSatisfy { $0.count == 1_024 && abs(product($0, $0) - 1) < 0.001 })
        #expect(product(found[0], found[1]) > product(found[0], found[2]) + 0.3)
        #expect(document["usage"] == ["total_tokens": 14])
        #expect(vectors(call(["rain in Spain"]).document())[0] == found[2])
    }

    @Test(arguments: [
        ("text-embedding-v4", 256, 256), ("text-embedding-v3", 768, 768), ("text-embedding-v2", nil, 1_536),
        ("text-embedding-v1", 1_536, 1_536),
    ])
    func dimensionsFollowTheModel(model: String, asked: Int?, got: Int) {
        let parameters: JSON = asked.map { ["dimension": .int($0)] } ?? [:]
        #expect(vectors(call(["x"], model: model, parameters: parameters).document())[0]?.count == got)
    }

    @Test
    func sparseVectorsAreTokens() {
        let document = call(["wind wind rain"], parameters: ["output_type": "dense&sparse"]).document()
        let item = document["output"]?["embeddings"]?[0]
        #expect(item?["sparse_embedding"]?.array?.compactMap { $0["token"]?.string } == ["rain", "wind"])
        #expect(item?["embedding"] != nil)
        let sparse = call(["wind"], parameters: ["output_type": "sparse"]).document()
        #expect(sparse["output"]?["embeddings"]?[0]?["embedding"] == nil)
    }

    @Test
    func badRequestsAreRefused() {
        let eleven = JSON.array(Array(repeating: "x", count: 11))
        let cases: [(Call, Int, String)] = [
            (call(eleven), 400, "batch size is invalid, it should not be larger than 10."),
            (call(.array(Array(repeating: "x", count: 26)), model: "text-embedding-v2"), 400, "larger than 25."),
            (call([["a"]]), 400, "contents is neither str nor list of str.: input.contents"),
            (call([]), 400, "[] is too short"), (call(nil), 400, "texts"), (call([""]), 400, "input length"),
            (call(["x"], parameters: ["dimension": 3]), 400, "dimension"),
            (call(["x"], model: "text-embedding-v2", parameters: ["dimension": 512]), 400, "dimension"),
            (call(["x"], model: "text-embedding-v9"), 404, "Model can not be found."),
            (call(["x"], parameters: ["output_type": "tiny"]), 400, "output_type"),
            (call(["x"]).with { $0.headers.add(name: "X-DashScope-Async", value: "enable") }, 403, "asynchronous"),
            (call(["x"], model: "text-embedding-v4-emulator-throttled"), 429, "rate limit"),
        ]
        for (call, status, words) in cases {
            let reply = call.reply()
            #expect(reply.status == status, "\(words)")
            #expect(reply.message.contains(words), "\(reply.text)")
        }
    }

    @Test
    func aStreamIsNeverSent() {
        let reply = call(["x"]).with { $0.headers.add(name: "X-DashScope-SSE", value: "enable") }.reply()
        #expect(reply.header("content-type") == "application/json")
    }

    @Test
    func multimodalItemsAreNumberedAndNamed() {
        let call = Call(ask: "").with {
            $0.path = MultimodalEmbedding.path
            $0.body = [
                "model": "qwen3-vl-embedding",
                "input": ["contents": [["text": "a red bicycle"], ["image": "https://example.com/bike.jpg"]]],
                "parameters": ["dimension": 512],
            ]
        }
        let document = call.document()
        let items = document["output"]?["embeddings"]?.array ?? []
        #expect(items.map { $0["index"]?.int } == [0, 1])
        #expect(items.map { $0["type"]?.string } == ["text", "image"])
        #expect(items.allSatisfy { $0["embedding"]?.array?.count == 512 })
        #expect(document["usage"]?["image_count"] == 1)
        let fused = call.with { $0.body["parameters"] = ["enable_fusion": true] }.document()
        #expect(fused["output"]?["embeddings"]?.array?.count == 1)
        #expect(call.with { $0.body["input"] = ["contents": [["audio": "x"]]] }.reply().status == 400)
        #expect(call.with { $0.body["input"] = ["contents": [["image": "nothing"]]] }.reply().code == "InvalidURL")
    }
}
