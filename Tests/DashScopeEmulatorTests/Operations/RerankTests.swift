@testable import DashScopeEmulator
import Testing

struct RerankTests {
    private static let documents: JSON = [
        "Cats sleep a lot.", "A ranking model orders candidates.", "What a model is.",
    ]

    private func call(
        _ parameters: JSON = [:],
        model: String = "gte-rerank-v2",
        documents: JSON? = Self.documents,
        query: JSON? = "what is a ranking model"
    ) -> Call {
        Call(ask: "").with {
            $0.path = Rerank.path
            var input: JSON = [:]
            input["query"] = query
            input["documents"] = documents
            $0.body = ["model": .string(model), "input": input, "parameters": parameters]
        }
    }

    @Test
    func resultsAreSortedByTheirScore() {
        let document = call().document()
        let results = document["output"]?["results"]?.array ?? []
        #expect(results.map { $0["index"]?.int } == [2, 1, 0])
        let scores = results.compactMap { $0["relevance_score"]?.number }
        #expect(scores == scores.sorted(by: >))
        #expect(scores.allSatisfy { (0...1).contains($0) })
        #expect(results.allSatisfy { $0["document"] == nil })
        #expect((document["usage"]?["total_tokens"]?.int ?? 0) > 0)
    }

    @Test
    func documentsAndTheirNumberAreAsAsked() {
        let results = call(["top_n": 1, "return_documents": true]).document()["output"]?["results"]?.array ?? []
        #expect(results.count == 1)
        #expect(results[0]["document"] == ["text": "What a model is."])
        #expect(call(["top_n": 99]).document()["output"]?["results"]?.array?.count == 3)
    }

    @Test
    func theFlatFormHasTheMembersSideBySide() {
        let flat = call(model: "qwen3-rerank").with {
            $0.path = Rerank.flatPath
            $0.body = [
                "model": "qwen3-rerank", "query": "what is a ranking model", "documents": Self.documents, "top_n": 2,
            ]
        }.document()
        #expect(flat["object"] == "list")
        #expect(flat["model"] == "qwen3-rerank")
        #expect(flat["results"]?.array?.map { $0["index"]?.int } == [2, 1])
        #expect((flat["usage"]?["total_tokens"]?.int ?? 0) > 0)
    }

    @Test
    func badRequestsAreRefused() {
        let many = JSON.array(Array(repeating: "x", count: 501))
        let cases: [(Call, Int, String)] = [
            (call(documents: many), 400, "should not be larger than 500."), (call(documents: []), 400, "too short"),
            (call(documents: nil), 400, "documents"), (call(query: nil), 400, "query"),
            (call(documents: [["text": "x"]]), 400, "neither str"), (call(["top_n": 0]), 400, "top_n"),
            (call(model: "rerank-9"), 404, "Model can not be found."),
            (call(model: "gte-rerank-v2-emulator-500"), 500, "internal error"),
        ]
        for (call, status, words) in cases {
            let reply = call.reply()
            #expect(reply.status == status, "\(words)")
            #expect(reply.message.contains(words), "\(reply.text)")
        }
        #expect(call(model: "qwen3-vl-rerank", documents: [["text": "x"]], query: ["text": "x"]).reply().status == 200)
    }
}
