import JSONBytes
import Testing

struct JSONStructureTests {
    private static func nested(_ depth: Int) -> [UInt8] {
        [UInt8](repeating: UInt8(ascii: "["), count: depth) + [UInt8](repeating: UInt8(ascii: "]"), count: depth)
    }

    @Test func nestingIsBounded() {
        #expect(fault(Self.nested(JSONTape.maximumDepth)) == nil)
        let error = JSONError(.tooDeep, at: JSONTape.maximumDepth)
        #expect(fault(Self.nested(JSONTape.maximumDepth + 1)) == error)
        #expect(fault(Self.nested(200_000)) == error)
        let objects = String(repeating: #"{"a":"#, count: JSONTape.maximumDepth + 1)
        #expect(fault(objects) == JSONError(.tooDeep, at: 5 * JSONTape.maximumDepth))
    }

    @Test func theLastOfEqualNamesWins() throws {
        try parsing(Array(#"{"a":1,"b":2,"\u0061":3}"#.utf8)) { value in
            #expect(value["a"]?.integer == 3)
            #expect(value["b"]?.integer == 2)
            #expect(value["c"] == nil)
            #expect(value.members.map { $0.value.integer } == [1, 2, 3])
        }
    }

    @Test func membersAndElementsComeInOrder() throws {
        try parsing(Array(#" { "x" : [ 1 , [ 2 , { } ] , "s" ] , "y" : { "z" : [ ] } , "n" : null } "#.utf8)) { value in
            #expect(value.members.map { $0.name.string } == ["x", "y", "n"])
            #expect(value["x"]?.elements.map(\.kind) == [.number, .array, .string])
            #expect(value["y"]?["z"]?.isEmptyContainer == true)
            #expect(value["n"]?.isNull == true)
            #expect(value.present("n") == nil)
            #expect(value.present("y")?.kind == .object)
            #expect(value["x"]?.members.map { $0.name.string } == [])
            #expect(value["x"]?.offset == 9)
        }
    }

    @Test func theTextOfAValueIsWhatCame() throws {
        let text = #"{"a": [ 1, "é\n" ] , "b":{ }}"#
        try parsing(Array(text.utf8)) { value in
            #expect(value["a"].map { String(decoding: $0.text, as: UTF8.self) } == #"[ 1, "é\n" ]"#)
            #expect(value["b"].map { String(decoding: $0.text, as: UTF8.self) } == "{ }")
            #expect(String(decoding: value.text, as: UTF8.self) == text)
        }
    }

    @Test(arguments: [
        ("{}", "an object"), ("[]", "an array"), ("\"\"", "a string"), ("1", "a number"), ("true", "a boolean"),
        ("null", "null"),
    ])
    func kindsHaveWords(_ text: String, _ words: String) throws {
        #expect(try parsing(Array(text.utf8)) { $0.kindDescription } == words)
    }

    @Test func aTapeServesManyTexts() throws {
        let tape = JSONTape(capacity: 1)
        var generator = RandomJSON(seed: 77)
        for _ in 0..<300 {
            let text = generator.text()
            let expected = try JSONTree.ours(text)
            #expect(try parsing(text, with: tape) { JSONTree($0) } == expected)
            _ = try? parsing(generator.mutate(text), with: tape) { JSONTree($0) }
            #expect(try parsing(text, with: tape) { JSONTree($0) } == expected)
        }
    }

    @Test func aStretchedTapeIsGivenBack() throws {
        let tape = JSONTape()
        let large = Array(("[" + String(repeating: "1,", count: 200_000) + "1]").utf8)
        #expect(try parsing(large, with: tape) { value in value.elements.reduce(0) { sum, _ in sum + 1 } } == 200_001)
        #expect(try parsing(Array("[1]".utf8), with: tape) { JSONTree($0) } == .array([.number(1)]))
        #expect(try parsing(large, with: tape) { value in value.elements.reduce(0) { sum, _ in sum + 1 } } == 200_001)
    }

    @Test func aTapeAsksBeforeItGrowsLarge() throws {
        let text = Array(("[" + String(repeating: "1,", count: 300_000) + "1]").utf8)
        let tape = JSONTape()
        var asked: [Int] = []
        tape.mayGrow = { bytes in
            asked.append(bytes)
            return asked.count < 2
        }
        let error = text.withUnsafeBytes { bytes -> JSONError? in
            do throws(JSONError) {
                _ = try tape.parse(bytes)
                return nil
            } catch {
                return error
            }
        }
        #expect(error?.code == .tooManyValues)
        #expect(tape.isRefusedGrowth)
        #expect(asked == [2 << 20, 4 << 20])
        tape.mayGrow = nil
        let count = try text.withUnsafeBytes { bytes in try tape.parse(bytes).elements.map(\.kind).count }
        #expect(count == 300_001)
        #expect(!tape.isRefusedGrowth)
    }
}
