import JSONBytes
import Testing

struct JSONGenerationTests {
    @Test func valuesOfTheLastTextAreRead() throws {
        let tape = JSONTape()
        try Array("{\"a\":[1,2]}".utf8).withUnsafeBytes { text in
            let root = try tape.parse(text)
            #expect(root["a"]?.elements.compactMap(\.integer) == [1, 2])
        }
    }

    #if DEBUG
    @Test func aValueOfAnEarlierTextStopsTheProgram() async {
        await #expect(processExitsWith: .failure) {
            let tape = JSONTape()
            let texts = ["{\"a\":1}", "{\"b\":2}"].map { Array($0.utf8) }
            _ = try texts[0].withUnsafeBytes { first in
                let stale = try tape.parse(first)
                return try texts[1].withUnsafeBytes { second in
                    _ = try tape.parse(second)
                    return stale["a"]?.integer
                }
            }
        }
    }
    #endif
}
