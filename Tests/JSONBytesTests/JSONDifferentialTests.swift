import JSONBytes
import Testing

/// Our parser beside Foundation's.
struct JSONDifferentialTests {
    @Test(arguments: 0..<20 as Range<UInt64>)
    func randomTextsHaveTheSameValues(_ seed: UInt64) throws {
        var generator = RandomJSON(seed: seed)
        for round in 0..<150 {
            let text = generator.text()
            let shown = String(decoding: text, as: UTF8.self)
            let ours = try JSONTree.ours(text)
            #expect(JSONTree.foundation(text) == ours, "seed \(seed), round \(round): \(shown)")
        }
    }

    @Test(arguments: 100..<200 as Range<UInt64>)
    func whatWeAcceptOfMutatedTextsFoundationAccepts(_ seed: UInt64) {
        var generator = RandomJSON(seed: seed)
        for round in 0..<300 {
            let text = generator.mutate(generator.text())
            let shown = "seed \(seed), round \(round): \(String(decoding: text, as: UTF8.self)) \(text.suffix(12))"
            let theirs = JSONTree.foundation(text)
            do throws(JSONError) {
                let ours = try JSONTree.ours(text)
                // The text of a number is passed on whatever its size; Foundation wants one it can hold.
                if theirs != nil || !ours.holdsInfinity { #expect(theirs == ours, "\(shown)") }
            } catch {
                if theirs != nil { #expect(Self.isTrailingComma(text, error), "\(shown)") }
            }
        }
    }

    /// Foundation accepts a comma behind the last member or element, which RFC 8259 does not.
    private static func isTrailingComma(_ text: [UInt8], _ error: JSONError) -> Bool {
        guard error.code == .unexpectedCharacter, "}]".utf8.contains(text[error.offset]) else { return false }
        return text[..<error.offset].last { !" \n\r\t".utf8.contains($0) } == UInt8(ascii: ",")
    }

    @Test func arbitraryBytesNeverReadPastTheEnd() {
        let memory = GuardedBytes(capacity: 4096)
        let tape = JSONTape(capacity: 4)
        for seed in 0..<40 as Range<UInt64> {
            var generator = RandomJSON(seed: 1_000 + seed)
            for _ in 0..<200 {
                let text = Array(generator.mutate(generator.text()).prefix(4096))
                let bytes = memory.place(text)
                do throws(JSONError) {
                    let tree = JSONTree(try tape.parse(bytes))
                    #expect(tree == JSONTree(try tape.parse(bytes)))
                } catch {
                    #expect((0...text.count).contains(error.offset))
                }
            }
        }
    }

    @Test func everyBeginningOfATextIsRefusedAtItsEnd() throws {
        let text = Array(#"{"a":[1.5e+3,-0,true,null,false,"\u00e9\uD83D\uDE00é😀\n"],"b":{}}"#.utf8)
        for count in 0..<text.count {
            let error = try #require(fault(Array(text.prefix(count))), "\(count)")
            // A sequence that is cut is at fault where it begins.
            #expect(error.offset == count || error.code == .invalidUTF8 || error.code == .loneSurrogate, "\(count)")
        }
        #expect(fault(text) == nil)
    }
}
