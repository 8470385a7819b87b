import APITranslation
import NIOCore
import Testing

struct AliasPrefixTests {
    private let catalog: ModelCatalog

    init() throws {
        catalog = try ModelCatalog(
            overlay: ByteBuffer(
                string:
                    #"{"aliases":{"claude-*":"qwen3-coder-plus","claude-haiku-*":"qwen-flash","claude-opus-5-5":"qwen3-max","*":"qwen-turbo","qwen-max":"qwen-plus","gpt-*":"qwen3.6-plus"}}"#
            )
        )
    }

    @Test(arguments: [
        ("claude-opus-5-5", "qwen3-max"), ("claude-haiku-4", "qwen-flash"), ("claude-sonnet-5", "qwen3-coder-plus"),
        ("claude-", "qwen3-coder-plus"), ("claude", "qwen-turbo"), ("mystery", "qwen-turbo"),
        ("qwen-plus", "qwen-plus"), ("qwen-plus-2027-01-01", "qwen-plus-2027-01-01"), ("qwen-max", "qwen-plus"),
        ("openai/gpt-9", "qwen3.6-plus"), ("openai/claude-opus-5-5", "qwen3-max"), ("dashscope/qwen-max", "qwen-plus"),
        ("dashscope/qwen-flash", "qwen-flash"), ("dashscope/mystery", "qwen-turbo"),
    ])
    func theFirstThatFitsDecides(name: String, sent: String) {
        let model = catalog.resolve(name)
        #expect(model.upstreamName == sent)
        #expect(model.requestedName == name)
    }

    @Test func aPrefixIsNotListed() {
        #expect(!catalog.ids.contains { $0.hasSuffix("*") })
        #expect(catalog.ids.contains("claude-opus-5-5"))
    }

    @Test func aStarInTheMiddleIsAFault() {
        #expect(throws: CatalogError.self) {
            _ = try ModelCatalog(overlay: ByteBuffer(string: #"{"aliases":{"cla*ude":"qwen-plus"}}"#))
        }
    }

    @Test func anOperatorsModelHasTheHabitsOfItsFamily() throws {
        let catalog = try ModelCatalog(
            overlay: ByteBuffer(
                string:
                    #"{"models":[{"id":"voice","like":"qwen3-omni-flash"},{"id":"files","like":"qwen-long"},{"id":"thinker","like":"deepseek-v4-pro"}]}"#
            )
        )
        #expect(catalog.resolve("voice").traits.writesAudio)
        #expect(catalog.resolve("files").traits.readsFiles)
        #expect(catalog.resolve("files").traits.textParts == .never)
        #expect(catalog.resolve("thinker").traits.takesReasoningEffort)
    }
}
