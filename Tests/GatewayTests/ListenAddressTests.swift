import Testing

@testable import Gateway

struct ListenAddressTests {
    @Test func addressesAreRead() throws {
        #expect(
            try ListenAddress("http://0.0.0.0:8000", key: "k")
                == ListenAddress(place: .tcp(host: "0.0.0.0", port: 8000))
        )
        #expect(
            try ListenAddress("https://[::]:8443/", key: "k")
                == ListenAddress(place: .tcp(host: "::", port: 8443), isSecure: true)
        )
        #expect(
            try ListenAddress("unix:/run/gateway.sock?proxy-protocol=true", key: "k")
                == ListenAddress(place: .unix(path: "/run/gateway.sock"), expectsProxyProtocol: true)
        )
        #expect(try ListenAddress("https://[::]:8443", key: "k").description == "https://[::]:8443")
    }

    @Test(arguments: [
        "8000", "0.0.0.0:8000", "http://:8000", "http://host", "http://host:99999", "http://::1:80", "ftp://h:1",
        "unix:rel",
        "http://host:80?x=1", "http://host/path:80", "unix:/\(String(repeating: "x", count: 120))",
    ])
    func whatIsNoAddressIsRefused(text: String) {
        #expect(throws: ConfigurationProblem.self) { try ListenAddress(text, key: "k") }
    }
}
