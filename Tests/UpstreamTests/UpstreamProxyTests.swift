import Testing

@testable import Upstream

struct UpstreamProxyTests {
    @Test(arguments: [
        ("http://proxy.example:3128", "proxy.example", 3128), ("proxy.example:3128/", "proxy.example", 3128),
        ("http://proxy.example", "proxy.example", 80), ("http://[::1]:3128", "::1", 3128),
        ("http://user:secret@10.0.0.1:8080", "10.0.0.1", 8080),
    ])
    func addressesAreRead(text: String, host: String, port: Int) throws {
        let proxy = try UpstreamProxy(text)
        #expect(proxy.host == host)
        #expect(proxy.port == port)
        #expect(!proxy.description.contains("secret"))
    }

    @Test(arguments: [
        ("http://Aladdin:open%20sesame@p:1", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), ("http://a:@p:1", "Basic YTo="),
        ("http://a@p:1", "Basic YTo="), ("http://us%40er:p%3Aw@p:1", "Basic dXNAZXI6cDp3"),
    ])
    func credentialsAreSentAsBasic(text: String, value: String) throws {
        #expect(try UpstreamProxy(text).authorization == value)
        #expect(try UpstreamProxy("http://p:1").authorization == nil)
    }

    @Test(arguments: [
        "socks5://secret@p:1", "https://secret@p:1", "http://", "http://secret@", "http://p:0", "http://p:99999",
        "http://p:x", "http://a%0d%0ax:secret@p:1", "http://a:secret%4@p:1", "http://a:secret%+F@p:1", "http://p q:1",
        "http://p/path",
    ])
    func whatCannotBeAProxyIsRefusedWithoutRepeatingIt(text: String) {
        let problem = #expect(throws: UpstreamProxy.Problem.self) { try UpstreamProxy(text) }
        #expect(problem?.description.contains("secret") == false)
    }

    @Test func theEnvironmentIsReadAsCurlReadsIt() throws {
        let settings = UpstreamProxySettings(environment: [
            "HTTPS_PROXY": "http://upper:1", "https_proxy": "http://lower:2", "HTTP_PROXY": "http://plain:3",
            "NO_PROXY": "internal.example",
        ])
        #expect(try settings.proxy(host: "dashscope.example", port: 443, isSecure: true)?.host == "lower")
        #expect(try settings.proxy(host: "dashscope.example", port: 80, isSecure: false)?.host == "plain")
        #expect(try settings.proxy(host: "a.internal.example", port: 443, isSecure: true) == nil)
        #expect(UpstreamProxySettings(environment: ["ALL_PROXY": "a:1", "HTTP_PROXY": ""]).plain == "a:1")
        #expect(try UpstreamProxySettings().proxy(host: "dashscope.example", port: 443, isSecure: true) == nil)
    }

    @Test(arguments: [
        ("*", "any.example", true), ("example.com", "example.com", true), ("example.com", "API.Example.com", true),
        (".example.com", "api.example.com", true), ("*.example.com", "api.example.com", true),
        ("example.com", "notexample.com", false), ("example.com:443", "example.com", true),
        ("example.com:8443", "example.com", false), ("10.0.0.0/8", "10.200.3.4", true),
        ("10.0.0.0/8", "11.0.0.1", false), ("10.0.0.0/8", "ten.example", false), ("fd00::/8", "fd12::1", true),
        ("127.0.0.1", "127.0.0.1", true), ("0.0.1", "10.0.0.1", false), ("a.example, b.example", "b.example", true),
        ("a.example b.example", "b.example", true), ("10.0.0.0/99", "10.0.0.1", false), ("", "a.example", false),
        ("192.168.16.0/20", "192.168.31.255", true), ("192.168.16.0/20", "192.168.32.0", false), ("::1", "::1", true),
    ])
    func exceptionsAreCalledDirectly(entries: String, host: String, isExcepted: Bool) {
        var settings = UpstreamProxySettings()
        settings.exceptions = entries
        #expect(settings.excepts(host: host, port: 443) == isExcepted)
    }
}
