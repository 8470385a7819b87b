@testable import DashScopeEmulator
import Testing

struct JSONTests {
    @Test(arguments: [
        "null", "true", "0", "-12", "1.5", "\"a\\n\\\"\\u0001é🌊\"", "[]", "{}", "{\"a\":[1,{\"b\":null}]}",
        "[\",]\",\"\\\",}\"]",
    ])
    func documentsSurvive(text: String) throws {
        let value = try #require(JSON(bytes: text.utf8))
        #expect(value.text == text)
    }

    @Test(arguments: ["", "{", "[1,]", "{\"a\":1 , }", "nul", "{\"a\":}"])
    func brokenDocumentsAreRefused(text: String) {
        #expect(JSON(bytes: text.utf8) == nil)
    }

    @Test
    func orderOfMembersDoesNotCount() {
        #expect((["a": 1, "b": 2] as JSON) == ["b": 2, "a": 1])
        #expect((1 as JSON) == 1.0)
        #expect((["a": 1] as JSON) != ["a": 1, "b": 2])
    }
}
