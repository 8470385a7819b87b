import NIOCore
import TestSupport
import Testing

@testable import HTTPServing

@Suite(.timeLimit(.minutes(15)))
struct ProxyProtocolTests {
    static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]

    static func binary(_ command: UInt8, _ family: UInt8, _ rest: [UInt8], length: UInt16? = nil) -> [UInt8] {
        let length = length ?? UInt16(rest.count)
        return signature + [command, family, UInt8(length >> 8), UInt8(length & 0xFF)] + rest
    }

    private static func client(_ address: String) -> ProxyProtocol.Peer? {
        (try? SocketAddress(ipAddress: address, port: 0)).map { .client($0) }
    }

    private static func read(_ bytes: [UInt8]) throws -> (ProxyProtocol.Peer?, rest: String) {
        var buffer = ByteBuffer(bytes: bytes)
        let peer = try ProxyProtocol.read(from: &buffer)
        return (peer, String(buffer: buffer))
    }

    @Test(arguments: [
        ("PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n", Self.client("192.0.2.7")),
        ("PROXY TCP6 2001:db8::7 2001:DB8::1 0 65535\r\n", Self.client("2001:db8::7")),
        ("PROXY UNKNOWN\r\n", .connection),
        ("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n", .connection),
    ]) func aLineNamesTheClient(line: String, expected: ProxyProtocol.Peer?) throws {
        let (peer, rest) = try Self.read(Array((line + "GET /").utf8))
        #expect(peer == expected)
        #expect(rest == "GET /")
        for end in 0..<line.utf8.count {
            let part = try Self.read(Array(line.utf8.prefix(end))).0
            #expect(part == nil)
        }
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\n", "PROXYTCP4 ", "PROXY TCP4 192.0.2.7 198.51.100.1 56324\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 56324 443 1\r\n", "PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 65536 443\r\n", "PROXY TCP4 192.0.2.7 198.51.100.1 01 443\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 +1 443\r\n", "PROXY TCP4 2001:db8::7 2001:db8::1 1 2\r\n",
        "PROXY TCP6 192.0.2.7 198.51.100.1 1 2\r\n", "PROXY TCP4 a.example b.example 1 2\r\n",
        "PROXY  TCP4 192.0.2.7 198.51.100.1 1 2\r\n", "PROXY UDP4 192.0.2.7 198.51.100.1 1 2\r\n",
        "PROXY TCP4 192.0.2.7 198.51.100.1 1 2 " + String(repeating: "x", count: 100), "PROXY\r\n",
    ]) func aWrongLineIsAnError(line: String) {
        #expect(throws: ProxyProtocol.Fault.self) { try Self.read(Array(line.utf8)) }
    }

    @Test func bytesNameTheClient() throws {
        let addresses: [UInt8] = [192, 0, 2, 7, 198, 51, 100, 1, 0xDC, 0x04, 0x01, 0xBB]
        let four = Self.binary(0x21, 0x11, addresses + [0x04, 0x00, 0x01, 0xFF])
        let (peer, rest) = try Self.read(four + Array("GET".utf8))
        #expect(peer == Self.client("192.0.2.7"))
        #expect(rest == "GET")
        for end in 0..<four.count {
            let part = try Self.read(Array(four.prefix(end))).0
            #expect(part == nil)
        }
        let six = [UInt8](repeating: 0, count: 15) + [1] + [UInt8](repeating: 0, count: 20)
        #expect(try Self.read(Self.binary(0x21, 0x21, six)).0 == Self.client("::1"))
        #expect(try Self.read(Self.binary(0x20, 0x00, [])).0 == .connection)
        #expect(try Self.read(Self.binary(0x20, 0x11, addresses)).0 == .connection)
        #expect(try Self.read(Self.binary(0x21, 0x00, [])).0 == .connection)
        #expect(try Self.read(Self.binary(0x21, 0x31, .init(repeating: 0, count: 216))).0 == .unnamed)
    }

    @Test func wrongBytesAreAnError() {
        let addresses: [UInt8] = [192, 0, 2, 7, 198, 51, 100, 1, 0xDC, 0x04, 0x01, 0xBB]
        for bytes in [
            Self.binary(0x11, 0x11, addresses), Self.binary(0x22, 0x11, addresses), Self.binary(0x21, 0x12, addresses),
            Self.binary(0x21, 0x11, Array(addresses.dropLast())), Self.binary(0x21, 0x21, addresses),
            Self.binary(0x21, 0x41, addresses), Self.binary(0x21, 0x11, addresses, length: 5000),
            Array("\r\n\r\n\r\n".utf8),
        ] {
            #expect(throws: ProxyProtocol.Fault.self) { try Self.read(bytes) }
        }
    }

    @Test func arbitraryBytesNeverTrap() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<1500 {
            let length = Int.random(in: 0...260, using: &generator)
            let noise = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
            for prefix in [[], Self.signature, Array("PROXY TCP4 ".utf8), Self.signature + [0x21, 0x11, 0]] {
                _ = try? Self.read(prefix + noise)
            }
        }
    }

    @Test func aListenerThatReadsTheHeaderKnowsTheClient() async throws {
        let listener = HTTPListener(.tcp(host: "127.0.0.1", port: 0), proxyProtocol: .always)
        try await ServerUnderTest.run(HTTPServerConfiguration(listeners: [listener])) { test in
            let request = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n"
            for pieces in ByteDivision.all(of: "PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n" + request, random: 3) {
                let answer = try await RawClient.call(.port(test.port), group: test.group, pieces)
                #expect(answer.contains("[GET /x ]"))
            }
            #expect(Set(test.application.record.addresses) == ["192.0.2.7"])
            let answer1 = try await RawClient.call(test.port, group: test.group, request)
            #expect(answer1 == "")
            #expect(test.server.statistics.proxyProtocolErrors == 1)
        }
    }

    @Test func anUntrustedPeerCannotNameAnotherClient() async throws {
        let listener = HTTPListener(.tcp(host: "127.0.0.1", port: 0), proxyProtocol: .from { _ in false })
        try await ServerUnderTest.run(HTTPServerConfiguration(listeners: [listener])) { test in
            let request = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n"
            let answer2 = try await RawClient.call(test.port, group: test.group, request)
            #expect(answer2.contains("[GET /x ]"))
            #expect(test.application.record.addresses == ["127.0.0.1"])
            let lie = "PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n" + request
            let answer3 = try await RawClient.call(test.port, group: test.group, lie)
            #expect(answer3.hasPrefix("HTTP/1.1 400 "))
            #expect(test.application.record.requests == ["GET /x "])
        }
    }
}
