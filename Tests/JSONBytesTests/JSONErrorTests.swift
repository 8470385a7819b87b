import JSONBytes
import Testing

/// What is refused, as what, and where.
struct JSONErrorTests {
    private static let faults: [(String, JSONError.Code, Int)] = [
        ("", .unexpectedEnd, 0), (" ", .unexpectedEnd, 1), ("{", .unexpectedEnd, 1), ("[1", .unexpectedEnd, 2),
        ("[1 2]", .unexpectedCharacter, 3), ("{1:2}", .unexpectedCharacter, 1), (#"{"a" 1}"#, .unexpectedCharacter, 5),
        (#"{"a":1,}"#, .unexpectedCharacter, 7), (#"{"a":}"#, .unexpectedCharacter, 5),
        ("[1,]", .unexpectedCharacter, 3),
        ("[,1]", .unexpectedCharacter, 1), (#"{"a":1 "b":2}"#, .unexpectedCharacter, 7), ("]", .unexpectedCharacter, 0),
        ("[1}", .unexpectedCharacter, 2), (#"{"a":1]"#, .unexpectedCharacter, 6), ("'a'", .unexpectedCharacter, 0),
        ("nul", .unexpectedEnd, 3), ("nulx", .unexpectedCharacter, 3), ("True", .unexpectedCharacter, 0),
        ("NaN", .unexpectedCharacter, 0), ("Infinity", .unexpectedCharacter, 0), ("falsey", .trailingCharacters, 5),
        ("01", .invalidNumber, 1), ("-01", .invalidNumber, 2), ("-", .unexpectedEnd, 1), ("-a", .invalidNumber, 1),
        ("1.", .unexpectedEnd, 2), ("1.a", .invalidNumber, 2), ("1e", .unexpectedEnd, 2), ("1e+", .unexpectedEnd, 3),
        ("1e+x", .invalidNumber, 3), (".5", .unexpectedCharacter, 0), ("+1", .unexpectedCharacter, 0),
        ("0x10", .trailingCharacters, 1), ("1_000", .trailingCharacters, 1), ("1 2", .trailingCharacters, 2),
        ("{} x", .trailingCharacters, 3), ("// a\n1", .unexpectedCharacter, 0), ("\u{FEFF}1", .unexpectedCharacter, 0),
        (#""a"#, .unexpectedEnd, 2), (#""\"#, .unexpectedEnd, 2), (#""\""#, .unexpectedEnd, 3),
        (#""\x""#, .invalidEscape, 1), (#""\u12"#, .unexpectedEnd, 5), (#""\u12G4""#, .invalidEscape, 1),
        (#""\U0041""#, .invalidEscape, 1), (#""ab\uD800""#, .loneSurrogate, 3), (#""\uDC00""#, .loneSurrogate, 1),
        (#""\uD800\u0041""#, .loneSurrogate, 1), (#""\uD800\uD800""#, .loneSurrogate, 1),
        (#""\uD800A""#, .loneSurrogate, 1), ("\"a\nb\"", .controlCharacter, 2), ("\"\t\"", .controlCharacter, 1),
        ("\"\u{0}\"", .controlCharacter, 1), ("\"12345678\u{1F}\"", .controlCharacter, 9),
    ]

    @Test(arguments: faults)
    func faultsAreNamedAndPlaced(_ text: String, _ code: JSONError.Code, _ offset: Int) {
        #expect(fault(text) == JSONError(code, at: offset), "\(text)")
        // The same fault deeper in a text is found at the same place of it.
        let opening = "[{\"member\": "
        if code != .trailingCharacters, code != .unexpectedEnd, code != .invalidNumber || offset < text.utf8.count {
            #expect(fault(opening + text) == JSONError(code, at: opening.utf8.count + offset), "\(text)")
        }
    }

    @Test func foundationRefusesTheSame() {
        // Foundation takes a byte-order mark, and a comma behind the last element.
        for (text, _, _) in Self.faults where !["\u{FEFF}1", "[1,]", #"{"a":1,}"#].contains(text) {
            #expect(JSONTree.foundation(Array(text.utf8)) == nil, "\(text)")
        }
    }

    @Test func theDescriptionSaysWhatAndWhere() {
        #expect(fault("[1,]")?.description == "unexpected character at byte 3")
    }

    @Test(arguments: [
        ("[1,]", 1, 4), ("{\n  \"a\": 1,\n}", 3, 1), ("{\"模型\": x}", 1, 8), ("", 1, 1), ("[\r\n1 2]", 2, 3),
    ])
    func theFaultHasTheLineAndColumnOfAnEditor(text: String, line: Int, column: Int) throws {
        let description = try #require(fault(text)).description(in: Array(text.utf8))
        #expect(description.hasSuffix(" at line \(line), column \(column)"), "\(description)")
    }
}
