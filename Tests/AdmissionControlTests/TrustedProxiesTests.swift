import AdmissionControl
import Testing

@Suite struct TrustedProxiesTests {
    private func client(
        _ header: ForwardingHeader,
        peer: String?,
        _ values: [String],
        trustsUnixSocketPeers: Bool = false
    ) throws -> String {
        let proxies = TrustedProxies(
            ranges: try AddressRangeList(["10.0.0.0/8", "2001:db8:ffff::/48"]),
            header: header,
            trustsUnixSocketPeers: trustsUnixSocketPeers
        )
        let client = proxies.client(
            peer: peer.flatMap { ClientAddress($0) },
            forwardedFor: header == .xForwardedFor ? values : ["6.6.6.6"],
            forwarded: header == .forwarded ? values : ["for=6.6.6.6"]
        )
        return client?.description ?? "none"
    }

    @Test(arguments: [
        // The peer is not trusted: what it says is worth nothing.
        ("192.0.2.9", ["1.2.3.4"], "192.0.2.9"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["192.0.2.1"], "192.0.2.1"),
        // A mark makes one character of itself and the comma or blank before it; it is no address all the same.
        ("10.0.0.1", ["192.0.2.1,\u{301}10.0.0.3"], "10.0.0.1"),
        ("10.0.0.1", ["192.0.2.1, \u{301}10.0.0.3"], "10.0.0.1"),
        // Whatever a client put before the address that our proxy appended.
        ("10.0.0.1", ["1.2.3.4, 192.0.2.1"], "192.0.2.1"),
        ("10.0.0.1", ["10.0.0.2, 192.0.2.1"], "192.0.2.1"),
        ("10.0.0.1", ["\"1.2.3.4", "192.0.2.1"], "192.0.2.1"),
        ("10.0.0.1", ["\"1.2.3.4, 192.0.2.1"], "192.0.2.1"),
        ("10.0.0.1", ["1.2.3.4", "192.0.2.1,10.0.0.3 , 10.0.0.2"], "192.0.2.1"),
        // All trusted: the request began at the leftmost.
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        // Nonsense ends the walk at the last trusted proxy.
        ("10.0.0.1", ["192.0.2.1, nonsense, 10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", ["192.0.2.1, unknown"], "10.0.0.1"),
        ("10.0.0.1", ["192.0.2.1, ,"], "192.0.2.1"),
        ("10.0.0.1", ["192.0.2.1:4711"], "192.0.2.1"),
        ("10.0.0.1", ["192.0.2.1:x"], "10.0.0.1"),
        ("2001:db8:ffff::1", ["2001:db8::7"], "2001:db8::7"),
        ("::ffff:10.0.0.1", ["[2001:db8::7]:80"], "2001:db8::7"),
        ("10.0.0.1", ["::ffff:192.0.2.1"], "192.0.2.1"),
    ])
    func xForwardedForIsReadFromTheRight(peer: String, values: [String], expected: String) throws {
        #expect(try client(.xForwardedFor, peer: peer, values) == expected)
    }

    @Test(arguments: [
        ("192.0.2.9", ["for=1.2.3.4;proto=https"], "192.0.2.9"),
        ("10.0.0.1", ["for=192.0.2.1;proto=https;by=10.0.0.1"], "192.0.2.1"),
        ("10.0.0.1", ["For=\"[2001:db8::1]:4711\""], "2001:db8::1"),
        ("10.0.0.1", ["for=\"192.0.2.1:_port\""], "192.0.2.1"),
        ("10.0.0.1", ["for=\"192.\\0.2.1\""], "192.0.2.1"),
        ("10.0.0.1", ["for=1.2.3.4, FOR=192.0.2.1;Proto=HTTP"], "192.0.2.1"),
        ("10.0.0.1", ["for=1.2.3.4;proto=https", "for=192.0.2.1"], "192.0.2.1"),
        ("10.0.0.1", ["for=192.0.2.1;proto=https, for=10.0.0.2;proto=http"], "192.0.2.1"),
        ("10.0.0.1", ["for=192.0.2.1, for=_hidden;proto=https"], "10.0.0.1"),
        ("10.0.0.1", ["for=192.0.2.1, for=unknown"], "10.0.0.1"),
        ("10.0.0.1", ["for=192.0.2.1, for=\"_SEVKISEK\", for=10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", ["for=192.0.2.1, proto=https"], "10.0.0.1"),
        // A client's quote must not swallow what the proxy appended, nor a doubled parameter replace it.
        ("10.0.0.1", ["for=1.2.3.4;x=\", for=192.0.2.1;by=\"[2001:db8::5]\""], "192.0.2.1"),
        ("10.0.0.1", ["for=\"1.2.3.4, for=192.0.2.1"], "192.0.2.1"),
        ("10.0.0.1", ["for=1.2.3.4;x=\"a\\\", for=192.0.2.1"], "192.0.2.1"),
        ("10.0.0.1", ["for=192.0.2.1;for=1.2.3.4"], "10.0.0.1"),
        ("10.0.0.1", ["for=1.2.3.4, for=192.0.2.1;by=\"a, for=10.0.0.9\""], "192.0.2.1"),
        ("10.0.0.1", ["for=192.0.2.1;proto=gopher"], "192.0.2.1"),
        ("10.0.0.1", ["for = 192.0.2.1"], "10.0.0.1"),
        ("10.0.0.1", ["for"], "10.0.0.1"),
        ("10.0.0.1", ["for=\"192.0.2.1"], "10.0.0.1"),
    ])
    func forwardedIsReadFromTheRight(peer: String, values: [String], expected: String) throws {
        #expect(try client(.forwarded, peer: peer, values) == expected)
    }

    @Test func aUnixSocketsPeerIsTrustedOnlyIfConfigured() throws {
        #expect(try client(.xForwardedFor, peer: nil, ["192.0.2.1"]) == "none")
        #expect(try client(.xForwardedFor, peer: nil, ["192.0.2.1"], trustsUnixSocketPeers: true) == "192.0.2.1")
        #expect(try client(.xForwardedFor, peer: nil, [], trustsUnixSocketPeers: true) == "none")
    }
}
