import Testing

@testable import Upstream

struct UpstreamHeaderTests {
    @Test(arguments: [
        ("Authorization", "Bearer x"), ("content-length", "0"), ("Host", "x"), ("Transfer-Encoding", "chunked"),
        ("X-DashScope-SSE", "enable"), ("Proxy-Authorization", "x"), ("", "x"), ("a b", "x"), ("a:b", "x"),
        ("X-Good", "a\r\nInjected: b"), ("X-Good", "a\u{0}"),
    ])
    func whatWouldBreakTheRequestIsRefused(name: String, value: String) {
        #expect(throws: UpstreamHeader.Problem.self) { try UpstreamHeader(name: name, value: value) }
    }

    @Test func otherHeadersAreTaken() throws {
        #expect(try UpstreamHeader(name: "X-Team", value: "süd\t1").value == "süd\t1")
    }
}
