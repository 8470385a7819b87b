import JSONBytes
import Testing

struct JSONStringTests {
    private func string(_ text: String) throws -> String? {
        try parsing(Array(text.utf8)) { $0.string }
    }

    @Test(arguments: [
        (#""""#, ""), (#""plain""#, "plain"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
        (#""\u0041\u00e9\u4F60""#, "Aé你"), (#""\uD83D\uDE00!""#, "😀!"), (#""\uDBFF\uDFFD""#, "\u{10FFFD}"),
        (#""\u0000""#, "\0"), (#""x\u005C\u0022y""#, "x\\\"y"), (#""\uFFFD\u2028""#, "\u{FFFD}\u{2028}"),
        (#""你好😀é""#, "你好😀é"), (#""\ud83d\ude00""#, "😀"),
    ])
    func escapesAreResolved(_ text: String, _ expected: String) throws {
        #expect(try string(text).map { Array($0.utf8) } == Array(expected.utf8))
    }

    @Test(
        arguments: [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF],
            [0xE1, 0x80], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xEF, 0xBF], [0xF0, 0x80, 0x80, 0x80],
            [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x9F, 0x98], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFE],
            [0xFF],
        ] as [[UInt8]]
    )
    func malformedUTF8IsRefusedWhereItBegins(_ sequence: [UInt8]) {
        for padding in 0..<17 {
            let text = Array("\"".utf8) + [UInt8](repeating: 0x61, count: padding) + sequence + Array("\"".utf8)
            #expect(fault(text) == JSONError(.invalidUTF8, at: 1 + padding), "\(padding)")
        }
    }

    @Test(
        arguments: [
            0x80, 0x7FF, 0x800, 0xFFF, 0x1000, 0xD7FF, 0xE000, 0xFFFD, 0xFFFF, 0x10000, 0x3FFFF, 0x40000, 0xFFFFF,
            0x100000,
            0x10FFFF,
        ] as [UInt32]
    )
    func theEdgesOfUTF8AreAccepted(_ value: UInt32) throws {
        let scalar = try #require(Unicode.Scalar(value))
        for padding in 0..<9 {
            let content = String(repeating: "a", count: padding) + String(Character(scalar)) + "b"
            #expect(try string("\"\(content)\"").map { Array($0.utf8) } == Array(content.utf8))
        }
    }

    @Test func everyByteIsJudgedAtEveryPlaceOfAWord() {
        for byte in 0...0x7F as ClosedRange<UInt8> {
            for place in 0..<20 {
                var text = [UInt8](repeating: UInt8(ascii: "a"), count: 22)
                text[0] = UInt8(ascii: "\"")
                text[21] = UInt8(ascii: "\"")
                text[1 + place] = byte
                switch byte {
                case 0..<0x20: #expect(fault(text) == JSONError(.controlCharacter, at: 1 + place))
                case UInt8(ascii: "\""): #expect(fault(text) == JSONError(.trailingCharacters, at: 2 + place))
                case UInt8(ascii: "\\"): #expect(fault(text) != nil)
                default: #expect(fault(text) == nil, "\(byte) at \(place)")
                }
            }
        }
    }

    @Test func equalityLooksThroughEscapes() throws {
        try parsing(Array(#"["model", "mod\u0065l", "", "models", "Model", 1]"#.utf8)) { value in
            #expect(value.elements.map { $0.equals("model") } == [true, true, false, false, false, false])
            #expect(value.elements.map { $0.equals("") } == [false, false, true, false, false, false])
            #expect(value.elements.map(\.hasEscapes) == [false, true, false, false, false, false])
            #expect(value.elements.map(\.isEmptyString) == [false, false, true, false, false, false])
        }
    }

    @Test func membersAreFoundByTheirWholeName() throws {
        // Every length up to three words, and one letter wrong at every place.
        let names: [StaticString] = [
            "", "a", "ab", "abc", "abcd", "abcde", "abcdefg", "abcdefgh", "abcdefghi", "abcdefghijklmno",
            "abcdefghijklmnop",
            "abcdefghijklmnopq", "abcdefghijklmnopqrstuvwx", "abcdefghijklmnopqrstuvwxy",
        ]
        for name in names {
            let text = "\(name)"
            try parsing(Array(#"{"\#(text)":1}"#.utf8)) { value in
                #expect(value[name]?.integer == 1)
                for member in value.members {
                    #expect(names.map { member.name.equals($0) } == names.map { "\($0)" == text })
                }
            }
            for place in 0..<text.utf8.count {
                var wrong = Array(text.utf8)
                wrong[place] = UInt8(ascii: "!")
                try parsing(Array(#"{"\#(String(decoding: wrong, as: UTF8.self))":1}"#.utf8)) { value in
                    #expect(value[name] == nil)
                }
            }
        }
    }
}
