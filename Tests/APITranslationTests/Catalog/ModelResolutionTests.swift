import APITranslation
import Testing

struct ModelResolutionTests {
    private let catalog = ModelCatalog()

    @Test func aCataloguedNameIsSentAsItIs() {
        let model = catalog.resolve("qwen-plus")
        #expect(model.requestedName == "qwen-plus")
        #expect(model.upstreamName == "qwen-plus")
        #expect(model.isCatalogued)
        #expect(model.traits.maxOutputTokens == 32_768)
    }

    @Test(arguments: [
        ("qwen-plus-2027-03-01", "qwen-plus"), ("qwen-plus-0301", "qwen-plus"), ("qwen-max-latest", "qwen-max"),
        ("qwen3.6-plus-2027-01-01", "qwen3.6-plus"), ("qwen3.6-plus-us", "qwen3.6-plus"),
        ("qwen3.6-flash-2027-01-01-us", "qwen3.6-flash"), ("qwen3-coder-plus-0101", "qwen3-coder-plus"),
        ("kimi/kimi-k3-2027-01-01", "kimi/kimi-k3"),
        ("deepseek-r1-distill-qwen-7b-fast", "deepseek-r1-distill-qwen-7b"),
        ("qwen3-vl-plus-next", "qwen3-vl-plus"), ("qwen-plus:free", "qwen-plus"),
        ("qwen-plus-ft-202511-ab12", "qwen-plus"),
        ("QWEN-PLUS", "qwen-plus"), ("zhipu/glm-5.1", "ZHIPU/GLM-5.1"), ("minimax-m2.5-0101", "MiniMax-M2.5"),
    ])
    func anUnknownNameIsTakenForItsFamily(_ name: String, _ family: String) {
        let model = catalog.resolve(name)
        #expect(model.traits == catalog.resolve(family).traits)
        #expect(model.upstreamName == name)
        #expect(!model.isCatalogued)
    }

    @Test(arguments: [
        ("qwen-plus-2025-12-01", "qwen-plus"), ("qwen-plus-us", "qwen-plus"), ("qwen-plus-2025-12-01-us", "qwen-plus"),
        ("qwen-plus-2025-01-12", "qwen-plus-0112"), ("qwen3.8-max-2026-09-02", "qwen3.8-max"),
        ("MiniMax-M2.7", "MiniMax-M2.5"),
    ])
    func aSnapshotInheritsItsFamily(_ snapshot: String, _ family: String) {
        let model = catalog.resolve(snapshot)
        #expect(model.traits == catalog.resolve(family).traits)
        #expect(model.isCatalogued)
    }

    @Test(arguments: ["qwen3-32b-thinking-2607", "qwen3-32b-instruct", "qwen-plus-vl", "qwen-plus-omni"])
    func aSuffixThatMakesAnotherKindOfModelIsNotTheFamily(_ name: String) {
        let family = String(name.prefix { $0 != "b" && $0 != "v" && $0 != "o" })
        #expect(catalog.resolve(name).traits != catalog.resolve(family + "b").traits)
        #expect(catalog.resolve(name).traits != catalog.resolve("qwen-plus").traits)
    }

    @Test(arguments: [
        "", "-", "/", "-us", "-latest", "-2025-01-01", "::", "a/b/c", "é-ü", "0", "qwen", "qwen3.", "glm-",
    ])
    func oddNamesResolveToThemselves(_ name: String) {
        let model = catalog.resolve(name)
        #expect(model.requestedName == name)
        #expect(model.upstreamName == name)
        #expect(!model.isCatalogued)
    }

    @Test func gatewayTestModelsAreTextModelsOfUnknownHabits() {
        #expect(catalog.resolve("emulator-breaks-mid-stream").traits == ModelTraits(operation: .textGeneration))
    }

    @Test func entriesTellWhatIsKnown() throws {
        let entry = try #require(catalog.entry("text-embedding-v4"))
        #expect(entry.kind == .embedding)
        #expect(entry.paths == [.textEmbedding])
        #expect(catalog.entry("unknown-model") == nil)
    }
}
