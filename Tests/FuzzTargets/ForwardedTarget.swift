import AdmissionControl

/// Nothing in a header moves the client beyond the first address that is not trusted.
enum ForwardedTarget {
    private static let ranges = try? AddressRangeList(["10.0.0.0/8", "2001:db8::/32"])

    static func run(_ text: String) -> String? {
        guard let ranges else { return "the ranges are not read" }
        let peer = ClientAddress(ipv4: 0x0A00_0001)
        let stranger = ClientAddress(ipv4: 0xC000_0201)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        for header in [ForwardingHeader.xForwardedFor, .forwarded] {
            let proxies = TrustedProxies(ranges: ranges, header: header)
            let client = proxies.client(peer: peer, forwardedFor: lines, forwarded: lines)
            guard let address = client else { return "a client without an address" }
            if ClientAddress("\(address)") != address { return "an address is not written as it was read" }
            let unseen = proxies.client(peer: stranger, forwardedFor: lines, forwarded: lines)
            if unseen != stranger { return "a stranger is believed" }
            // What a trusted proxy adds at the right is all that counts where it names somebody else.
            let named = proxies.client(
                peer: peer,
                forwardedFor: lines + ["198.51.100.7"],
                forwarded: lines + ["for=198.51.100.7"]
            )
            if named != ClientAddress("198.51.100.7") { return "the client writes its own address" }
        }
        // The byte: as a character it may be part of another one.
        if !text.utf8.contains(UInt8(ascii: "\"")) {
            // Lines are one list (RFC 9110, section 5.3).
            let proxies = TrustedProxies(ranges: ranges)
            let joined = [lines.joined(separator: ",")]
            if proxies.client(peer: peer, forwardedFor: lines) != proxies.client(peer: peer, forwardedFor: joined) {
                return "lines are not one list"
            }
        }
        return nil
    }
}
