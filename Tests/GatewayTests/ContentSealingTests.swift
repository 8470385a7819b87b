import Testing

@testable import APITranslation
@testable import Gateway

struct ContentSealingTests {
    private let text = Array("what the model thought".utf8)

    @Test func whatIsSealedOpensForItsCallerAndPurposeOnly() {
        let sealing = ContentSealing(secret: nil, kept: nil)
        let seal = sealing.seal(of: 1)
        let sealed = seal.close(text, .reasoning)
        #expect(seal.open(sealed, .reasoning) == text)
        #expect(sealing.seal(of: 1).open(sealed, .reasoning) == text)
        #expect(sealing.seal(of: 2).open(sealed, .reasoning) == nil)
        #expect(seal.open(sealed, .compaction) == nil)
        #expect(seal.open([], .reasoning) == nil)
        // The same text twice gives nothing away.
        #expect(seal.close(text, .reasoning) != sealed)
        #expect(sealed.count == text.count + 28)
    }

    @Test func aChangedByteIsNoticed() {
        let seal = ContentSealing(secret: nil, kept: nil).seal(of: 1)
        let sealed = seal.close(text, .reasoning)
        for index in sealed.indices {
            var damaged = sealed
            damaged[index] ^= 1
            #expect(seal.open(damaged, .reasoning) == nil)
            #expect(seal.open(Array(sealed.prefix(index)), .reasoning) == nil)
        }
    }

    @Test func aSecretThatIsKeptOpensItLater() {
        let kept = [UInt8](repeating: 7, count: 32)
        let sealed = ContentSealing(secret: nil, kept: kept).seal(of: 1).close(text, .reasoning)
        #expect(ContentSealing(secret: nil, kept: kept).seal(of: 1).open(sealed, .reasoning) == text)
        #expect(ContentSealing(secret: nil, kept: nil).seal(of: 1).open(sealed, .reasoning) == nil)
        let secret = "the operator's own secret"
        let shared = ContentSealing(secret: secret, kept: kept).seal(of: 1).close(text, .reasoning)
        #expect(ContentSealing(secret: secret, kept: nil).seal(of: 1).open(shared, .reasoning) == text)
        #expect(ContentSealing(secret: nil, kept: kept).seal(of: 1).open(shared, .reasoning) == nil)
    }
}
