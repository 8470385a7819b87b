import TestSupport
import Testing

@testable import APITranslation

struct SpeechTextTests {
    @Test func aPartEndsBehindASentence() {
        let text = "One is here. Two is 3.14 of it! “Three?” Four"
        #expect(
            SpeechText.parts(of: text, limit: 24) == ["One is here.", "Two is 3.14 of it!", "“Three?” Four"]
        )
    }

    @Test func chineseCountsTwiceAndNeedsNoBlanks() {
        #expect(SpeechText.parts(of: "你好。今天天气很好，我们去公园吧！", limit: 20) == ["你好。", "今天天气很好，", "我们去公园吧！"])
    }

    @Test func withoutSentencesClausesAndWordsEndIt() {
        #expect(SpeechText.parts(of: "alpha, beta gamma", limit: 12) == ["alpha,", "beta gamma"])
        #expect(SpeechText.parts(of: "alpha beta gamma", limit: 12) == ["alpha beta", "gamma"])
        #expect(SpeechText.parts(of: "aaaaaaaaaa", limit: 4) == ["aaaa", "aaaa", "aa"])
    }

    @Test func aCharacterIsNeverDivided() {
        let family = "👨‍👩‍👧‍👦"
        let parts = SpeechText.parts(of: String(repeating: family, count: 3), limit: 5)
        #expect(parts == [family, family, family])
        #expect(SpeechText.parts(of: "e\u{301}e\u{301}", limit: 3) == ["e\u{301}", "e\u{301}"])
    }

    @Test func nothingIsLostAndNoPartIsTooLong() {
        var generator = SeededGenerator(seed: 11)
        let pieces = ["a", "word", " ", ". ", "。", "，", "\n", "你好", "👩🏽‍🚀", "3.5", "!?", "\" ", "é", ",", "…"]
        for _ in 0..<300 {
            let text = (0..<Int.random(in: 1...80, using: &generator)).map { _ in
                pieces.randomElement(using: &generator) ?? ""
            }.joined()
            let limit = Int.random(in: 20...60, using: &generator)
            let parts = SpeechText.parts(of: text, limit: limit)
            #expect(
                parts.joined().filter { !$0.isWhitespace } == text.filter { !$0.isWhitespace },
                "\(text.debugDescription)"
            )
            for part in parts {
                #expect(part.reduce(0) { $0 + SpeechText.weight($1) } <= limit, "\(part.debugDescription)")
                #expect(!part.isEmpty)
            }
            #expect(SpeechText.fits(text, limit) == (text.reduce(0) { $0 + SpeechText.weight($1) } <= limit))
        }
    }
}
