import JSONBytes
import NIOCore
import Testing

struct JSONWriterTests {
    private func written(_ text: String) -> [UInt8] {
        var buffer = ByteBuffer()
        buffer.writeJSON(text)
        return Array(buffer.readableBytesView)
    }

    @Test(arguments: [
        ("", #""""#), ("plain", #""plain""#), ("\"\\/", #""\"\\/""#), ("\n\r\t", #""\n\r\t""#),
        ("\u{0}\u{1F}\u{8}\u{7F}", "\"\\u0000\\u001f\\u0008\u{7F}\""), ("é你😀", "\"é你😀\""),
    ])
    func stringsAreEscapedWhereTheyMustBe(_ text: String, _ expected: String) {
        #expect(written(text) == Array(expected.utf8))
    }

    @Test func everyScalarSurvivesTheRoundTrip() throws {
        var random = SeededRandom(seed: 5)
        for _ in 0..<300 {
            var text = ""
            for _ in 0..<random.below(40) {
                let value = UInt32(random.below(random.chance(2) ? 0x80 : 0x11_0000))
                text.unicodeScalars.append(Unicode.Scalar(value) ?? "?")
            }
            let bytes = written(text)
            #expect(try parsing(bytes) { $0.string.map { Array($0.utf8) } } == Array(text.utf8))
            #expect(JSONTree.foundation(bytes) == .string(Array(text.utf8)))
        }
    }

    @Test func contentIsWrittenWithoutQuotes() {
        var buffer = ByteBuffer()
        buffer.writeJSONContent("a\"b")
        #expect(String(buffer: buffer) == "a\\\"b")
    }

    @Test(arguments: [0, -1, 42, Int.max, Int.min])
    func numbersAreWrittenInFull(_ number: Int) throws {
        var buffer = ByteBuffer()
        buffer.writeJSON(number)
        #expect(try parsing(Array(buffer.readableBytesView)) { $0.integer } == number)
    }

    @Test func flagsAndValuesAreWrittenAsTheyAre() throws {
        var buffer = ByteBuffer()
        buffer.writeJSON(true)
        buffer.writeJSON(false)
        try parsing(Array(#"{"a": [1.10,  "\u0041"]}"#.utf8)) { value in
            if let member = value["a"] { buffer.writeJSON(member) }
        }
        #expect(String(buffer: buffer) == #"truefalse[1.10,  "\u0041"]"#)
    }
}
