import AdmissionControl
import Foundation
import TestSupport
import Testing

@Suite struct ClientAddressTests {
    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("::FFFF:c000:201", "192.0.2.1"),
        ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"), ("::", "::"), ("::1", "::1"), ("1::", "1::"),
        ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("fe80::1%eth0", "fe80::1"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("0.0.0.0", "0.0.0.0"),
    ])
    func addressesHaveOneForm(text: String, expected: String) throws {
        #expect("\(try #require(ClientAddress(text)))" == expected)
    }

    @Test(arguments: [
        "", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.4 ", " 1.2.3.4", "1.2.3.4%eth0", "1..3.4",
        ":", ":::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "::1:", ":1::", "g::", "::1.2.3",
        "1.2.3.4::", "fe80::1%", "1:2:3:4:5:6:7:1.2.3.4", "[::1]", "+1.2.3.4", "１.2.3.4", "0x7f.0.0.1",
    ])
    func otherTextsAreNoAddress(text: String) {
        #expect(ClientAddress(text) == nil)
    }

    @Test func bytesOfSocketsAreRead() {
        #expect(ClientAddress(bytes: [192, 0, 2, 1]) == ClientAddress("192.0.2.1"))
        #expect(ClientAddress(bytes: Array(repeating: 0, count: 15) + [1]) == ClientAddress("::1"))
        #expect(ClientAddress(bytes: [1, 2, 3]) == nil)
    }

    /// The C library's reader and ours agree on random texts near the grammar, and on every address that either makes.
    @Test func agreesWithTheCLibrary() throws {
        var generator = SeededGenerator(seed: 7)
        let pieces = ["::", ":", ":", "0", "0", "1", "ff", "abcd", "ffff", "1.2.3.4", ".", "255", "256", "12345"]
        var agreed = 0
        for _ in 0..<100_000 {
            let text = (0..<Int.random(in: 1...15, using: &generator)).map { _ in
                pieces.randomElement(using: &generator) ?? ""
            }.joined()
            var ipv4 = in_addr()
            var ipv6 = in6_addr()
            var expected: ClientAddress?
            if inet_pton(AF_INET, text, &ipv4) == 1 {
                expected = withUnsafeBytes(of: &ipv4) { ClientAddress(bytes: Array($0)) }
            } else if inet_pton(AF_INET6, text, &ipv6) == 1 {
                expected = withUnsafeBytes(of: &ipv6) { ClientAddress(bytes: Array($0)) }
            }
            let address = ClientAddress(text)
            try #require(address == expected, "\(text)")
            guard let address else { continue }
            agreed += 1
            try #require(ClientAddress("\(address)") == address)
            // The C library prints ::1.2.3.4 for addresses that RFC 5952 has no such form for, and mapped ones with
            // "::ffff:".
            guard !address.isIPv4, address.bits >> 32 != 0, expected != nil else { continue }
            var buffer = [CChar](repeating: 0, count: 64)
            if inet_pton(AF_INET6, text, &ipv6) == 1, inet_ntop(AF_INET6, &ipv6, &buffer, 64) != nil {
                let printed = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                try #require("\(address)" == printed)
            }
        }
        #expect(agreed > 1000)
    }
}
