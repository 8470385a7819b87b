import Testing

@testable import Gateway

struct UpstreamBaseURLTests {
    @Test(arguments: [
        ("https://dashscope.aliyuncs.com", "dashscope.aliyuncs.com", 443, true, ""),
        ("https://dashscope.aliyuncs.com/", "dashscope.aliyuncs.com", 443, true, ""),
        ("https://dashscope-intl.aliyuncs.com/api/v1", "dashscope-intl.aliyuncs.com", 443, true, ""),
        ("https://dashscope.aliyuncs.com/compatible-mode/v1/", "dashscope.aliyuncs.com", 443, true, ""),
        ("http://127.0.0.1:9100", "127.0.0.1", 9100, false, ""),
        ("http://[::1]:8080/api/v1", "::1", 8080, false, ""),
        ("HTTPS://proxy.example.com/dashscope/api/v1", "proxy.example.com", 443, true, "/dashscope"),
    ])
    func pastedAddressesAreRead(_ text: String, host: String, port: Int, isSecure: Bool, prefix: String) throws {
        let url = try UpstreamBaseURL(text)
        #expect(url.host == host)
        #expect(url.port == port)
        #expect(url.isSecure == isSecure)
        #expect(url.pathPrefix == prefix)
    }

    @Test(arguments: [
        (
            "https://user:pass-1@host/api/v1",
            "\"https://***@host/api/v1\" has a query, a fragment, a user name or a blank"
        ),
        ("https://user:pa/pass-1@host", "\"https://***@host\" has a query, a fragment, a user name or a blank"),
        ("https://host/?key=pass-1", "\"https://host/?***\" has a query, a fragment, a user name or a blank"),
        ("user:pass-1@host", "\"***@host\" does not begin with http:// or https://"),
    ])
    func aRefusedAddressIsToldWithoutItsPassword(text: String, reason: String) {
        let problem = #expect(throws: ConfigurationProblem.self) { _ = try UpstreamBaseURL(text) }
        #expect(problem?.reason == reason)
    }

    @Test(arguments: [
        "dashscope.aliyuncs.com", "ftp://x", "https://", "https://host:0", "https://host:99999", "https://host:x",
        "https://user@host", "https://host/?q", "https://ho st",
    ])
    func impossibleAddressesAreRefused(text: String) {
        #expect(throws: ConfigurationProblem.self) { _ = try UpstreamBaseURL(text) }
    }
}
