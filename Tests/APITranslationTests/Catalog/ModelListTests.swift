import APITranslation
import Foundation
import NIOCore
import Testing

struct ModelListTests {
    private func list(_ catalog: ModelCatalog) throws -> [[String: Any]] {
        let parsed = try JSONSerialization.jsonObject(with: Data(catalog.list.readableBytesView)) as? [String: Any]
        #expect(parsed?["object"] as? String == "list")
        return try #require(parsed?["data"] as? [[String: Any]])
    }

    private func model(_ id: String, of catalog: ModelCatalog = ModelCatalog()) throws -> [String: Any] {
        var buffer = ByteBuffer()
        try #require(catalog.writeModel(id: id, into: &buffer))
        return try #require(try JSONSerialization.jsonObject(with: Data(buffer.readableBytesView)) as? [String: Any])
    }

    @Test func everyObjectHasTheFieldsClientsInsistOn() throws {
        let models = try list(ModelCatalog())
        #expect(models.count > 150)
        for model in models {
            let id = try #require(model["id"] as? String)
            #expect(model["object"] as? String == "model", "\(id)")
            #expect((model["created"] as? Int ?? 0) > 1_600_000_000, "\(id)")
            #expect((model["owned_by"] as? String)?.isEmpty == false, "\(id)")
        }
        #expect(Set(models.compactMap { $0["id"] as? String }).count == models.count)
    }

    @Test func snapshotsAndRetiredModelsAreKnownButNotListed() throws {
        let ids = Set(try list(ModelCatalog()).compactMap { $0["id"] as? String })
        #expect(ids.isSuperset(of: ["qwen-plus", "qwen3.8-max", "kimi/kimi-k3"]))
        #expect(ids.isSuperset(of: ["text-embedding-v4", "qwen3-vl-embedding", "qwen3-rerank"]))
        #expect(ids.isSuperset(of: ["wan2.7-t2v", "kling/kling-v3-video-generation"]))
        // No endpoint serves them yet.
        #expect(ids.isDisjoint(with: ["text-embedding-async-v2", "qwen3-omni-flash-realtime", "emo-v1"]))
        #expect(ids.isDisjoint(with: ["qwen-plus-2025-12-01", "qwen2-7b-instruct", "kimi/kimi-k2.5"]))
        #expect(try model("qwen-plus-2025-12-01")["context_length"] as? Int == 1_000_000)
        #expect(try model("qwen2-7b-instruct")["retirement"] as? String == "retired")
    }

    @Test func knownExtrasAreAdditionalFields() throws {
        let model = try model("qwen3.6-plus")
        #expect(model["kind"] as? String == "chat")
        #expect(model["context_length"] as? Int == 1_000_000)
        #expect(model["max_input_tokens"] as? Int == 991_808)
        #expect(model["max_output_tokens"] as? Int == 65_536)
        #expect(model["thinking"] as? String == "on_by_default")
        #expect(model["owned_by"] as? String == "alibaba-cloud")
        #expect(model["created"] as? Int == ModelCatalog.unknownCreated)
        let modalities = try #require(model["modalities"] as? [String: [String]])
        #expect(modalities == ["input": ["text", "image", "video"], "output": ["text"]])
        #expect(
            model["capabilities"] as? [String: Bool] == ["tools": true, "structured_output": true, "web_search": true]
        )
    }

    @Test func modelsOfImagesTellHowManyTheyGoBy() throws {
        func facts(_ id: String) throws -> (input: [String]?, fewest: Int?, most: Int?) {
            let model = try model(id)
            let modalities = model["modalities"] as? [String: [String]]
            if let modalities { #expect(modalities["output"] == ["image"], "\(id)") }
            return (modalities?["input"], model["min_input_images"] as? Int, model["max_input_images"] as? Int)
        }
        #expect(try facts("qwen-image-plus") == (["text"], 0, 0))
        #expect(try facts("qwen-image-edit-plus") == (["text", "image"], 1, 3))
        #expect(try facts("wan2.7-image") == (["text", "image"], 0, 9))
        #expect(try facts("wanx-v1-0521") == (["text", "image"], 0, 1))
        // It reads no text, but an image.
        #expect(try facts("image-out-painting") == (["image"], 1, 1))
        // What it reads has names of its own, which no client of this API has.
        #expect(try facts("aitryon") == (nil, nil, nil))
        // That it takes images is all that is known.
        #expect(try facts("kling/kling-v3-image-generation") == (["text", "image"], nil, nil))
        #expect(try model("qwen-plus")["min_input_images"] == nil)
    }

    @Test func whatIsUnknownIsAbsent() throws {
        let model = try model("happyoyster-1.0-adventure")
        #expect(Set(model.keys) == ["id", "object", "created", "owned_by", "kind"])
    }

    @Test func partnersOwnTheirModels() throws {
        #expect(try model("kimi/kimi-k3")["owned_by"] as? String == "kimi")
        #expect(try model("ZHIPU/GLM-5.2")["owned_by"] as? String == "ZHIPU")
    }

    @Test(arguments: [
        ("qwen-plus-2025-12-01", 1_764_547_200), ("qwen-plus-2025-12-01-us", 1_764_547_200),
        ("qwen-max-2024-04-28", 1_714_262_400), ("qwen-plus-2024-02-06", 1_707_177_600),
        ("qwen-vl-plus-2023-12-01", 1_701_388_800),
    ])
    func aDateInTheIDIsItsCreation(_ id: String, _ seconds: Int) throws {
        #expect(try model(id)["created"] as? Int == seconds)
    }

    @Test func unknownModelsAreNotFound() {
        var buffer = ByteBuffer()
        #expect(!ModelCatalog().writeModel(id: "gpt-4o", into: &buffer))
        #expect(!ModelCatalog().writeModel(id: "QWEN-PLUS", into: &buffer))
        #expect(buffer.readableBytes == 0)
    }

    @Test func theOperatorsFileShapesTheList() throws {
        let text = """
            {"models": [
              {"id": "qwen-max", "listed": false},
              {"id": "qwen2-7b-instruct", "listed": true},
              {"id": "acme/\\"quoted\\"", "created": 1700000001, "owned_by": "acme inc."}
             ],
             "aliases": {"gpt-4o": "qwen-plus", "qwen-flash": "acme-unknown"}}
            """
        let catalog = try ModelCatalog(overlay: ByteBuffer(string: text))
        let models = try list(catalog)
        let ids = models.compactMap { $0["id"] as? String }
        #expect(!ids.contains("qwen-max"))
        #expect(ids.contains("qwen2-7b-instruct"))
        #expect(ids.contains("gpt-4o"))
        #expect(ids.filter { $0 == "qwen-flash" }.count == 1)
        let quoted = try #require(models.first { $0["id"] as? String == "acme/\"quoted\"" })
        #expect(quoted["created"] as? Int == 1_700_000_001)
        #expect(quoted["owned_by"] as? String == "acme inc.")
        let alias = try model("gpt-4o", of: catalog)
        #expect(alias["aliased_to"] as? String == "qwen-plus")
        #expect(alias["context_length"] as? Int == 1_000_000)
        #expect(try model("qwen-flash", of: catalog)["aliased_to"] as? String == "acme-unknown")
    }

    @Test func theListIsOneCopyForAll() {
        let catalog = ModelCatalog()
        let places = (0..<2).map { _ in catalog.list.withUnsafeReadableBytes { $0.baseAddress } }
        #expect(places[0] == places[1])
    }
}
