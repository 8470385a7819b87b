@testable import DashScopeEmulator
import Testing

struct PrefixCacheTests {
    private static let long = String(repeating: "word", count: 1_100)

    private static func part(_ text: String, isMarked: Bool = false) -> JSON {
        var part: JSON = ["type": "text", "text": .string(text)]
        if isMarked { part["cache_control"] = ["type": "ephemeral"] }
        return part
    }

    private static func message(_ role: String, _ parts: JSON...) -> JSON {
        ["role": .string(role), "content": .array(parts)]
    }

    private func details(_ messages: JSON, _ emulator: DashScopeEmulator) throws -> [Int?] {
        let document = Call(messages: messages).document(from: emulator)
        let usage = try #require(document["usage"])
        let details = try #require(usage["prompt_tokens_details"])
        let all = (details["cached_tokens"]?.int ?? 0) + (details["cache_creation_input_tokens"]?.int ?? 0)
        #expect(all <= usage["input_tokens"]?.int ?? 0)
        #expect(details["cache_type"] == "ephemeral")
        #expect(details["cache_creation"]?["ephemeral_5m_input_tokens"] == details["cache_creation_input_tokens"])
        return [details["cached_tokens"]?.int, details["cache_creation_input_tokens"]?.int]
    }

    @Test
    func aPrefixIsCreatedThenHit() throws {
        let messages: JSON = [Self.message("user", Self.part(Self.long, isMarked: true))]
        let emulator = testEmulator()
        #expect(try details(messages, emulator) == [0, 1_100])
        #expect(try details(messages, emulator) == [1_100, 0])
    }

    @Test
    func theNextTurnReadsTheOldPrefixAndWritesTheNewPart() throws {
        let emulator = testEmulator()
        let system = Self.message("system", Self.part(Self.long, isMarked: true))
        let first = Self.message("user", Self.part(Self.long, isMarked: true))
        #expect(try details([system, first], emulator) == [0, 2_200])
        let question: JSON = ["role": "user", "content": .string(Self.long)]
        let answer: JSON = ["role": "assistant", "content": "good"]
        let second = Self.message("user", Self.part(Self.long, isMarked: true))
        #expect(try details([system, question, answer, second], emulator) == [2_200, 1_101])
    }

    @Test
    func anotherBeginningOrModelHitsNothing() throws {
        let emulator = testEmulator()
        let marked = Self.message("user", Self.part(Self.long, isMarked: true))
        _ = try details([marked], emulator)
        let other: JSON = ["role": "system", "content": "Be brief"]
        #expect(try details([other, marked], emulator) == [0, 1_102])
        let model = Call(model: "qwen-flash", messages: [marked]).document(from: emulator)
        #expect(model["usage"]?["prompt_tokens_details"]?["cached_tokens"] == 0)
    }

    @Test
    func shortPrefixesAreNotCached() {
        let messages: JSON = [Self.message("user", Self.part("short", isMarked: true))]
        let document = Call(messages: messages).document()
        #expect(document["usage"]?["prompt_tokens_details"]?["cache_creation_input_tokens"] == nil)
    }
}
