import APITranslation
import HTTPServing
import NIOHTTP1
import Testing

@testable import Gateway

struct CallerTests {
    private func key(_ headers: [(String, String)], serverKey: String? = nil) throws -> String {
        try Caller(headers: RequestHeaders(HTTPHeaders(headers)), serverKey: serverKey).key
    }

    @Test func bearerWinsOverTheHeadersOfOtherClients() throws {
        #expect(try key([("x-api-key", "a"), ("authorization", "Bearer b"), ("api-key", "c")]) == "b")
        #expect(try key([("x-api-key", "a"), ("api-key", "c")]) == "a")
        #expect(try key([("api-key", "c")], serverKey: "d") == "c")
        #expect(try key([], serverKey: "d") == "d")
    }

    @Test func anotherSchemeIsPassedOverWhereAKeyIsThere() throws {
        #expect(try key([("authorization", "Basic eDp5"), ("x-api-key", "a")]) == "a")
        #expect(throws: APIError.self) { try key([("authorization", "Basic eDp5")], serverKey: "d") }
        #expect(throws: APIError.self) { try key([("authorization", "Bearer "), ("x-api-key", "")]) }
    }
}
