import APITranslation
import Foundation
import NIOCore
import Testing

struct CatalogOverlayTests {
    private func catalog(_ text: String) throws(CatalogError) -> ModelCatalog {
        try ModelCatalog(overlay: ByteBuffer(string: text))
    }

    private func problems(_ text: String) -> [String] {
        do {
            _ = try catalog(text)
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    @Test func noFileIsTheBuiltInCatalogue() throws {
        let catalog = try ModelCatalog(overlay: nil)
        #expect(catalog.resolve("qwen-plus") == ModelCatalog().resolve("qwen-plus"))
        #expect(catalog.resolve("gpt-4o").upstreamName == "gpt-4o")
    }

    @Test func anAliasIsSentAsItsModel() throws {
        let catalog = try catalog(
            #"{"aliases": {"gpt-4o": "qwen3-vl-plus", "mine": "my-model-vl", "qwen-max": "qwen-plus"}}"#
        )
        let model = catalog.resolve("gpt-4o")
        #expect(model.requestedName == "gpt-4o")
        #expect(model.upstreamName == "qwen3-vl-plus")
        #expect(model.isCatalogued)
        #expect(model.traits == catalog.resolve("qwen3-vl-plus").traits)
        #expect(catalog.resolve("mine").upstreamName == "my-model-vl")
        #expect(!catalog.resolve("mine").isCatalogued)
        #expect(catalog.resolve("mine").traits.operation == .multimodalGeneration)
        #expect(catalog.resolve("qwen-max").upstreamName == "qwen-plus")
        #expect(catalog.entry("gpt-4o")?.id == "qwen3-vl-plus")
        #expect(catalog.resolve("gpt-4o-2024-08-06").upstreamName == "gpt-4o-2024-08-06")
    }

    @Test func aFieldReplacesOneOfTheBuiltInEntry() throws {
        let catalog = try catalog(
            """
            {"models": [{"id": "qwen-plus", "max_output_tokens": 100, "thinking": "never", "path": ["MM"], \
            "stream_only": "always", "json_schema": false, "tools": null}]}
            """
        )
        let traits = catalog.resolve("qwen-plus").traits
        #expect(traits.maxOutputTokens == 100)
        #expect(traits.thinking == .never)
        #expect(traits.operation == .multimodalGeneration)
        #expect(traits.streamOnly == .always)
        #expect(!traits.takesJSONSchema)
        let entry = try #require(catalog.entry("qwen-plus"))
        #expect(entry.contextLength == 1_000_000)
        #expect(entry.tools == nil)
        #expect(entry.webSearch == true)
        #expect(catalog.resolve("qwen-plus-2025-12-01").traits.maxOutputTokens == 100)
    }

    @Test func aNewModelMayInherit() throws {
        let catalog = try catalog(
            """
            {"models": [
              {"id": "acme-b", "like": "acme-a", "max_output_tokens": 7},
              {"id": "acme-a", "like": "qwen3-vl-plus", "context_length": 5}
            ]}
            """
        )
        let model = catalog.resolve("acme-b")
        #expect(model.isCatalogued)
        #expect(model.traits.operation == .multimodalGeneration)
        #expect(model.traits.maxOutputTokens == 7)
        #expect(catalog.entry("acme-b")?.contextLength == 5)
        #expect(catalog.entry("acme-b")?.maxInputTokens == 260_096)
    }

    @Test func aNewModelWithoutFactsFollowsItsName() throws {
        let catalog = try catalog(#"{"models": [{"id": "acme-vl-reasoner"}]}"#)
        let model = catalog.resolve("acme-vl-reasoner")
        #expect(model.isCatalogued)
        #expect(model.traits.operation == .multimodalGeneration)
        #expect(model.traits.thinking == .unknown)
    }

    @Test func allProblemsAreReportedAtOnce() {
        let found = problems(
            """
            {"models": [
              {"id": "a", "kind": "toy", "input": ["text", "smell"], "context_length": -1, "tools": "yes", "colour": 1},
              {"kind": "chat"},
              7,
              {"id": "b", "like": "nobody"},
              {"id": "c", "like": "d"},
              {"id": "d", "like": "c"},
              {"id": "a"},
              {"id": "e", "path": ["XX"], "output": [], "thinking": 1, "stream_only": "maybe", "owned_by": "", "listed": 1}
             ],
             "aliases": {"x": "", "": "qwen-plus", "y": "z", "z": "qwen-plus", "w": "w"},
             "model": []}
            """
        )
        let places = found.map { String($0.prefix { $0 != ":" }) }
        #expect(
            places == [
                "models[0] (a).kind", "models[0] (a).input", "models[0] (a).context_length", "models[0] (a).tools",
                "models[0] (a).colour", "models[1].id", "models[2]", "models[6] (a).id", "models[7] (e).path",
                "models[7] (e).output", "models[7] (e).thinking", "models[7] (e).stream_only",
                "models[7] (e).owned_by", "models[7] (e).listed", "aliases.x", "aliases", "model",
                "models (b).like", "models (c).like", "models (d).like", "aliases.y", "aliases.w",
            ]
        )
        #expect(found.first?.contains("chat, embedding, rerank") == true)
    }

    @Test(arguments: ["", "[]", "{\"models\": {}}", "{\"aliases\": []}", "{", "nul", "{\"models\": [{\"id\": \"\"}]}"])
    func aFileOfTheWrongShapeIsRefused(_ text: String) {
        #expect(problems(text).count == 1)
    }

    @Test(arguments: ["{}", "{\"models\": [], \"aliases\": {}}"])
    func anEmptyFileChangesNothing(_ text: String) throws {
        #expect(try catalog(text).resolve("qwen-plus") == ModelCatalog().resolve("qwen-plus"))
    }

    @Test func theExampleOfTheDocumentationIsAccepted() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(contentsOf: root.appendingPathComponent("docs/models.md"), encoding: .utf8)
        let start = try #require(page.range(of: "```json\n"))
        let end = try #require(page[start.upperBound...].range(of: "```"))
        let catalog = try catalog(String(page[start.upperBound..<end.lowerBound]))
        #expect(catalog.resolve("gpt-4o").upstreamName == "qwen3.6-plus")
        #expect(catalog.resolve("gpt-4o-mini").upstreamName == "qwen-flash")
        #expect(catalog.resolve("qwen-plus").traits.maxOutputTokens == 16_384)
        #expect(catalog.resolve("qwen-plus-support-bot").isCatalogued)
        #expect(catalog.resolve("qwen-plus-support-bot").traits.thinking == .never)
        #expect(catalog.entry("qwen-turbo")?.isListed == false)
    }
}
