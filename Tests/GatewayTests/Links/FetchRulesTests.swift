import NIOCore
import Testing

@testable import Gateway

/// Which links are followed.
struct FetchRulesTests {
    private func rules(_ base: String = "https://dashscope.aliyuncs.com") throws -> FetchRules {
        FetchRules(hosts: ["aliyuncs.com", "*.alicdn.com"], origin: try UpstreamBaseURL(base))
    }

    @Test(arguments: [
        "https://dashscope-result-bj.oss-cn-beijing.aliyuncs.com/1d/aa/1.png?Expires=1&Signature=a%3D",
        "http://dashscope-result-bj.oss-cn-beijing.aliyuncs.com/1d/aa/1.png?Expires=1&Signature=a%3D",
        "HTTPS://DashScope-Result-BJ.oss-cn-beijing.aliyuncs.com:443/1d/aa/1.png?Expires=1&Signature=a%3D#part",
    ])
    func aListedHostIsFetchedBySecureConnections(link: String) throws {
        let address = try rules().allowed(FileAddress(link))
        #expect(address.isSecure)
        #expect(address.host == "dashscope-result-bj.oss-cn-beijing.aliyuncs.com")
        #expect(address.port == 443)
        #expect(address.target == "/1d/aa/1.png?Expires=1&Signature=a%3D")
    }

    @Test(arguments: [
        "https://example.com/1.png", "https://aliyuncs.com.example.com/1.png", "https://xaliyuncs.com/1.png",
        "https://a.aliyuncs.com:8443/1.png", "http://a.aliyuncs.com:8080/1.png", "https://127.0.0.1/1.png",
        "http://localhost/1.png", "http://169.254.169.254/latest/meta-data",
    ])
    func otherHostsAreNot(link: String) throws {
        let address = FileAddress(link)
        #expect(address != nil)
        #expect(throws: FetchRules.Refusal.self) { _ = try rules().allowed(address) }
    }

    /// The operator who has listed the host must learn that it is not that.
    @Test(arguments: [
        ("https://a.aliyuncs.com:8443/1.png", "port 8443"), ("http://a.aliyuncs.com:8080/1.png", "port 8080"),
        ("https://example.com:8443/1.png", "not listed"), ("https://example.com/1.png", "not listed"),
    ])
    func theReasonIsTold(link: String, words: String) throws {
        let rules = try rules()
        let refusal = #expect(throws: FetchRules.Refusal.self) { _ = try rules.allowed(FileAddress(link)) }
        #expect(refusal?.reason.contains(words) == true, "\(refusal?.reason ?? "")")
        #expect(refusal?.reason.contains("fetch.hosts") == true)
    }

    @Test(arguments: [
        "", "1.png", "/1.png", "ftp://a.aliyuncs.com/1.png", "file:///etc/passwd", "https://", "https:///1.png",
        "https://user@a.aliyuncs.com/1.png", "https://example.com\\@a.aliyuncs.com/", "https://a.aliyuncs.com:0/",
        "https://a.aliyuncs.com:99999/", "https://a.aliyuncs.com/ x", "https://a.aliyuncs.com/\r\nHost: x",
        "https://[::1]/1.png", "https://aliyuncs.com%2eexample.com/",
    ])
    func whatIsNoLink(text: String) { #expect(FileAddress(text) == nil) }

    /// The operator's own host is called as it is: an emulator, a proxy inside the network.
    @Test func theHostOfTheBaseURLIsAllowed() throws {
        let rules = try rules("http://127.0.0.1:8001")
        let address = try rules.allowed(FileAddress("http://127.0.0.1:8001/results/1.png"))
        #expect(!address.isSecure)
        #expect(throws: FetchRules.Refusal.self) { _ = try rules.allowed(FileAddress("http://127.0.0.1:8002/1.png")) }
    }

    @Test func redirectsAreResolved() throws {
        let address = try #require(FileAddress("https://a.aliyuncs.com/x/1.png?q=1"))
        #expect(address.redirected(to: "/y.png?z=2")?.target == "/y.png?z=2")
        #expect(address.redirected(to: "https://b.aliyuncs.com/y.png")?.host == "b.aliyuncs.com")
        #expect(address.redirected(to: "//example.com/y.png") == nil)
        #expect(address.redirected(to: "y.png") == nil)
    }

    @Test(arguments: [
        ("8.8.8.8", true), ("47.95.1.1", true), ("2400:3200::1", true), ("10.0.0.1", false), ("127.0.0.1", false),
        ("100.100.100.200", false), ("169.254.169.254", false), ("172.31.0.1", false), ("192.168.1.1", false),
        ("0.0.0.0", false), ("224.0.0.1", false), ("255.255.255.255", false), ("::1", false), ("fe80::1", false),
        ("fd00::1", false), ("::ffff:127.0.0.1", false), ("64:ff9b::7f00:1", false), ("2002:7f00:1::", false),
        ("2001:db8::1", false),
    ])
    func onlyPublicAddressesAreCalled(text: String, isPublic: Bool) throws {
        #expect(FetchRules.isPublic(try SocketAddress(ipAddress: text, port: 443)) == isPublic)
    }
}
