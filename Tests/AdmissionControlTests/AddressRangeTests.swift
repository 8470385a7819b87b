import AdmissionControl
import TestSupport
import Testing

@Suite struct AddressRangeTests {
    private func list(_ texts: String...) throws -> AddressRangeList { try AddressRangeList(texts) }
    private func address(_ text: String) throws -> ClientAddress { try #require(ClientAddress(text)) }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "11.0.0.0", false),
        ("10.0.0.0/8", "9.255.255.255", false),
        ("10.0.0.0/8", "::ffff:10.1.2.3", true), ("::ffff:10.0.0.0/104", "10.1.2.3", true),
        ("0.0.0.0/0", "255.255.255.255", true), ("0.0.0.0/0", "::1", false), ("::/0", "2001:db8::1", true),
        ("::/0", "192.0.2.1", false), ("::/0", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true),
        ("::fffe:0:0/95", "0.0.0.1", false), ("::fffe:0:0/95", "::fffe:1:2", true),
        ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1/32", "192.0.2.2", false), ("192.0.2.0/31", "192.0.2.1", true),
        ("2001:db8::/33", "2001:db8:8000::", false), ("2001:db8::/32", "2001:db8:ffff::1", true),
        ("2001:db8::1/128", "2001:db8::1", true), ("2001:db8::/32", "32.1.13.184", false),
    ])
    func aRangeHoldsItsAddresses(range: String, address text: String, expected: Bool) throws {
        let address = try address(text)
        #expect(try AddressRangeList([range]).contains(address) == expected)
    }

    @Test(arguments: [
        ("10.0.0.0/33", "after \"/\" comes 0 to 32"), ("::/129", "after \"/\" comes 0 to 128"),
        ("10.0.0.0/", "after \"/\""), ("10.0.0.0/-1", "after \"/\""), ("10.0.0.0/08", "after \"/\""),
        ("10.0.0.0/8/8", "after \"/\""), ("10/8", "is no range of addresses"), ("", "is no range of addresses"),
        ("fe80::1%eth0/64", "is no range of addresses"), ("localhost", "is no range of addresses"),
        ("10.1.2.3/8", "write 10.0.0.0/8"), ("2001:db8::1/32", "write 2001:db8::/32"),
    ])
    func aBadRangeSaysWhatIsWrong(text: String, expected: String) throws {
        let error = try #require(throws: AdmissionError.self) { try AddressRange(text) }
        #expect(error.description.contains(expected))
        #expect(error.description.contains(text))
    }

    @Test func denialWinsAndAnEmptyAllowListAllowsAll() throws {
        var policy = AddressPolicy(denied: try list("10.6.0.0/16"))
        #expect(policy.admits(try address("192.0.2.1")))
        #expect(!policy.admits(try address("10.6.1.1")))
        policy.allowed = try list("10.0.0.0/8", "2001:db8::/32")
        #expect(policy.admits(try address("10.7.0.1")))
        #expect(policy.admits(try address("2001:db8::5")))
        #expect(!policy.admits(try address("10.6.1.1")))
        #expect(!policy.admits(try address("::ffff:10.6.1.1")))
        #expect(!policy.admits(try address("192.0.2.1")))
        #expect(policy.admits(nil))
    }

    @Test func thousandsOfRangesAnswerAsEachAsked() throws {
        var generator = SeededGenerator(seed: 3)
        var ranges: [AddressRange] = []
        for _ in 0..<1000 {
            let length = Int.random(in: 12...32, using: &generator)
            let random = UInt32.random(in: 0...0x0FFF_FFFF, using: &generator)
            let bits: UInt32 = random & (UInt32.max << UInt32(32 - length))
            ranges.append(try AddressRange("\(ClientAddress(ipv4: bits))/\(length)"))
        }
        let list = AddressRangeList(ranges)
        var inside = 0
        for _ in 0..<1000 {
            let address = ClientAddress(ipv4: .random(in: 0...0x1FFF_FFFF, using: &generator))
            let expected = ranges.contains { $0.contains(address) }
            try #require(list.contains(address) == expected)
            inside += expected ? 1 : 0
        }
        #expect((100...900).contains(inside))
    }

    @Test func everyEdgeOfTheSpaceIsReached() throws {
        let list = try list("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::", "fff0::/12", "255.255.255.255", "0.0.0.0")
        for text in ["ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::", "fff1::", "255.255.255.255", "0.0.0.0"] {
            #expect(list.contains(try address(text)))
        }
        for text in ["::1", "ffef::", "0.0.0.1", "255.255.255.254"] {
            #expect(!list.contains(try address(text)))
        }
        #expect(!AddressRangeList().contains(try address("::")))
    }
}
