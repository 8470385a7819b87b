@testable import DashScopeEmulator
import Testing

struct ModelProfileTests {
    @Test(arguments: [
        "qwen-vl-max", "qwen2.5-vl-7b-instruct", "qvq-max", "qwen-vl-ocr-latest", "qwen2-audio-instruct",
        "qwen3-asr-flash", "qwen3-omni-30b-a3b-captioner", "qwen3.5-plus", "qwen3.6-plus", "qwen3.7-plus",
        "qwen3.8-max", "kimi-k2.5", "kimi/kimi-k2.6", "gui-plus",
    ])
    func multimodalModels(name: String) throws {
        #expect(try #require(ModelProfile(name: name)).path == .multimodal)
    }

    @Test(arguments: [
        "qwen-plus", "qwen3-max", "qwen3.7-max", "qwen-long", "qwq-32b", "qwen3-235b-a22b", "qwen3-coder-plus",
        "qwen-mt-plus", "deepseek-r1", "glm-4.5", "kimi-k2-thinking", "Moonshot-Kimi-K2-Instruct", "MiniMax-M2.1",
        "qwen2.5-72b-instruct",
    ])
    func textModels(name: String) throws {
        #expect(try #require(ModelProfile(name: name)).path == .text)
    }

    @Test(arguments: [
        ("qwen-max", ModelProfile.Thinking.never), ("qwen-plus", .offByDefault), ("qwen3-32b", .onByDefault),
        ("qwen3-30b-a3b-instruct-2507", .never), ("qwen3-30b-a3b-thinking-2507", .always), ("qwq-plus", .always),
        ("qwen3.6-plus", .onByDefault), ("qwen-vl-max", .never), ("qwen3-vl-plus", .offByDefault),
        ("deepseek-v3", .never), ("deepseek-v3.1", .offByDefault), ("qwen3-coder-plus", .never),
    ])
    func thinking(name: String, expected: ModelProfile.Thinking) throws {
        #expect(try #require(ModelProfile(name: name)).thinking == expected)
    }
}
