import APITranslation
import Testing

/// The routing table and the thinking matrix of DashScope's chat documentation, row by row.
struct ModelRoutingTests {
    private let catalog = ModelCatalog()

    private static let textModels = [
        "qwen-max", "qwen-max-latest", "qwen-max-2025-01-25", "qwen-plus", "qwen-plus-latest", "qwen-plus-2025-12-01",
        "qwen-turbo", "qwen-turbo-latest", "qwen-flash", "qwen-flash-2025-07-28", "qwen3-max", "qwen3-max-preview",
        "qwen3-max-2027-01-01", "qwen3.7-max", "qwen3.7-max-2026-05-20", "qwen3.7-max-2026-06-08", "qwen3.7-max-next",
        "qwen-long", "qwen-long-latest", "qwen-doc-turbo", "qwq-plus", "qwq-32b", "qwen3-235b-a22b", "qwen3-32b",
        "qwen3-30b-a3b-instruct-2507", "qwen3-235b-a22b-thinking-2507", "qwen3-next-80b-a3b-instruct",
        "qwen3-next-80b-a3b-thinking", "qwen2.5-72b-instruct", "qwen2-7b-instruct", "qwen1.5-14b-chat",
        "qwen3-coder-plus", "qwen3-coder-480b-a35b-instruct", "qwen-coder-plus", "qwen2.5-coder-32b-instruct",
        "qwen-math-plus", "qwen2.5-math-72b-instruct", "qwen-mt-plus", "qwen-mt-turbo", "qwen-mt-flash", "qwen-mt-lite",
        "qwen-plus-character", "qwen-plus-character-ja", "farui-plus", "qwen-deep-research", "deepseek-r1",
        "deepseek-v3", "deepseek-v3.1", "deepseek-v3.2", "deepseek-v3.2-exp", "deepseek-v4-pro", "deepseek-v4-flash",
        "deepseek-r1-distill-qwen-7b", "deepseek-r1-distill-llama-70b", "glm-4.5", "glm-4.6", "glm-4.7", "glm-5",
        "glm-5.2", "glm-5.9", "kimi-k2-thinking", "Moonshot-Kimi-K2-Instruct", "MiniMax-M2.1", "MiniMax-M2.7",
        "MiniMax/MiniMax-M2.7", "vanchin/deepseek-v3", "ZHIPU/GLM-5.1", "siliconflow/deepseek-r1-0528",
        "llama3.3-70b-instruct", "emulator-slow", "emulator-throttled", "some-model", "x",
    ]

    private static let multimodalModels = [
        "qwen-vl-max", "qwen-vl-plus", "qwen-vl-max-latest", "qwen-vl-plus-2025-08-15", "qwen2-vl-72b-instruct",
        "qwen2.5-vl-72b-instruct", "qwen3-vl-plus", "qwen3-vl-flash", "qwen3-vl-flash-2026-01-22-us",
        "qwen3-vl-8b-thinking", "qvq-max", "qvq-plus", "qvq-72b-preview", "qwen-vl-ocr", "qwen-vl-ocr-latest",
        "qwen3.5-ocr", "qwen-audio-turbo-2024-12-04", "qwen2-audio-instruct", "qwen3-asr-flash",
        "qwen3-asr-flash-2025-09-08", "qwen3-omni-30b-a3b-captioner", "qwen3-omni-flash", "qwen-omni-turbo",
        "qwen3.5-omni-plus", "qwen3.5-plus", "qwen3.5-flash", "qwen3.5-397b-a17b", "qwen3.6-plus", "qwen3.6-27b",
        "qwen3.7-plus", "qwen3.8-max", "qwen3.8-flash", "qwen3.9-plus", "kimi-k2.5", "kimi-k2.6", "kimi-k2.9-code",
        "kimi/kimi-k2.6", "kimi/kimi-k3", "deepseek-v4.1-flash", "ZHIPU/GLM-5.3-Flash", "MiniMax/MiniMax-M3",
        "gui-plus",
        "gui-plus-2026-02-26", "qwen3-tts-flash", "qwen-image", "z-image-turbo", "vanchin/deepseek-ocr",
        "new-vl-model", "llama3.2-11b-vision",
    ]

    @Test(arguments: textModels)
    func textModelsGoToTextGeneration(_ name: String) {
        #expect(catalog.resolve(name).traits.operation == .textGeneration)
    }

    @Test(arguments: multimodalModels)
    func multimodalModelsGoToMultimodalGeneration(_ name: String) {
        #expect(catalog.resolve(name).traits.operation == .multimodalGeneration)
    }

    @Test(arguments: [
        "qwen-max", "qwen-max-2024-09-19", "qwen3-coder-plus", "qwen3-30b-a3b-instruct-2507", "qwen-mt-plus",
        "qwen-vl-max", "qwen-vl-plus-latest", "qwen-long", "qwen-math-plus", "deepseek-v3", "qwen-plus-2024-09-19",
        "qwen-turbo-2024-11-01", "qwen2.5-7b-instruct", "qwen3-99b-a9b-instruct",
    ])
    func nonThinkingModelsNeverThink(_ name: String) {
        let traits = catalog.resolve(name).traits
        #expect(traits.thinking == .never)
        #expect(traits.streamOnly == .no)
    }

    @Test(arguments: [
        "qwen-plus", "qwen-flash", "qwen-turbo", "qwen3-max", "qwen3-vl-plus", "qwen3-vl-flash", "deepseek-v3.1",
        "deepseek-v3.2", "deepseek-v3.2-exp", "qwen-plus-us", "qwen-flash-2027-01-01", "deepseek-v3.9",
    ])
    func thinkingIsOffByDefault(_ name: String) {
        #expect(catalog.resolve(name).traits.thinking == .offByDefault)
    }

    @Test(arguments: [
        "qwen3.5-plus", "qwen3.6-flash", "qwen3.7-max", "qwen3.8-max", "glm-5.2", "qwen3-235b-a22b", "qwen3-32b",
        "qwen3-30b-a3b", "qwen3-14b", "qwen3-8b", "qwen3-4b", "qwen3-0.6b", "qwen3.9-turbo", "qwen4-plus",
    ])
    func thinkingIsOnByDefault(_ name: String) {
        #expect(catalog.resolve(name).traits.thinking == .onByDefault)
    }

    @Test(arguments: [
        "qwq-plus", "qwq-32b", "qvq-max", "qwen3-235b-a22b-thinking-2507", "qwen3-32b-thinking-2607", "deepseek-r1",
        "deepseek-r1-0528", "kimi-k2-thinking", "MiniMax-M2.5", "MiniMax-M2.7", "vanchin/deepseek-v3.2-think",
    ])
    func someModelsAlwaysThink(_ name: String) {
        #expect(catalog.resolve(name).traits.thinking == .always)
    }

    @Test(arguments: ["acme-think", "acme-thinking-7b", "my-thinker", "re-think"])
    func aWordInAnUnknownNameProvesNoThinking(_ name: String) {
        #expect(catalog.resolve(name).traits.thinking == .unknown)
    }

    @Test(arguments: [
        "qwq-plus", "qwq-32b", "qvq-max", "qvq-72b-preview", "qwen-omni-turbo", "qwen3-omni-flash", "qwen3.5-omni-plus",
        "qwen-deep-research", "qwen3-livetranslate-flash", "qwen9-omni-turbo",
    ])
    func someModelsOnlyStream(_ name: String) {
        #expect(catalog.resolve(name).traits.streamOnly == .always)
    }

    @Test(arguments: ["qwen3-32b", "qwen3-235b-a22b", "qwen3-4b", "qwen-plus", "qwen-turbo-2025-04-28", "glm-4.6"])
    func someModelsOnlyStreamWhileThinking(_ name: String) {
        #expect(catalog.resolve(name).traits.streamOnly == .whenThinking)
    }

    @Test(arguments: [
        "qwen3.7-max", "qwen3-max", "qwen3.5-plus", "qwen3-vl-plus", "qwen3-vl-8b-thinking", "deepseek-v4-pro",
        "qwen3.6-plus", "deepseek-r1", "qwen3.5-plus-2026-02-15", "qwen3-omni-30b-a3b-captioner", "emulator-x",
    ])
    func provenModelsThinkWithoutAStream(_ name: String) {
        #expect(catalog.resolve(name).traits.streamOnly == .no)
    }

    @Test(arguments: [
        ("qwen3.5-flash", true), ("qwen3.6-27b", true), ("qwen3.8-max", true), ("qwen3.7-max", true),
        ("qwen-max", true),
        ("deepseek-v3", true), ("vanchin/deepseek-r1", true), ("glm-5", true), ("ZHIPU/GLM-5.1", true),
        ("glm-4.6", false), ("qwen-plus", false), ("qwen3-32b", false), ("kimi-k2.5", false), ("emulator-x", false),
    ])
    func newerModelsTakeMaxCompletionTokens(_ name: String, _ takes: Bool) {
        #expect(catalog.resolve(name).traits.takesMaxCompletionTokens == takes)
    }

    @Test(arguments: [
        ("deepseek-v4-pro", true), ("deepseek-v4.1-flash", true), ("glm-5.2", true), ("ZHIPU/GLM-5.3", true),
        ("glm-5.2-fast-preview", false), ("deepseek-v3.2", false), ("glm-4.7", false), ("qwen3.8-max", false),
    ])
    func deepSeek4AndGLM5TakeReasoningEffort(_ name: String, _ takes: Bool) {
        #expect(catalog.resolve(name).traits.takesReasoningEffort == takes)
    }

    @Test(arguments: [
        ("qwen3.5-plus", true), ("qwen3-max", true), ("qwen-plus", true), ("qwen-turbo", false), ("qwen-vl-max", false),
        ("qwen-plus-character", false), ("qwen-plus-2024-09-19", false), ("qwq-plus", false), ("anything", false),
    ])
    func jsonSchemaIsAssumedOnlyWhereItIsStated(_ name: String, _ takes: Bool) {
        #expect(catalog.resolve(name).traits.takesJSONSchema == takes)
    }

    @Test func olderTranslationModelsRepeatThemselves() {
        #expect(catalog.resolve("qwen-mt-plus").traits.isCumulative)
        #expect(catalog.resolve("qwen-mt-turbo").traits.isCumulative)
        #expect(!catalog.resolve("qwen-mt-flash").traits.isCumulative)
        #expect(!catalog.resolve("qwen-plus").traits.isCumulative)
    }

    @Test func mediaAreTakenWhereTheCatalogueSaysSo() {
        #expect(catalog.resolve("qwen3.6-plus").traits.takesMedia == true)
        #expect(catalog.resolve("qwen3.7-max-2026-06-08").traits.takesMedia == true)
        #expect(catalog.resolve("qwen3.7-max").traits.takesMedia == false)
        #expect(catalog.resolve("qwen-plus").traits.takesMedia == false)
        #expect(catalog.resolve("emulator-x").traits.takesMedia == nil)
        #expect(catalog.resolve("new-vl-model").traits.takesMedia == true)
    }
}
