/// A range of addresses in CIDR notation, IPv4 or IPv6; it never mixes the two.
package struct AddressRange: Hashable, Sendable, CustomStringConvertible {
    package let base: ClientAddress
    /// The number of leading bits that count, of 128; 96 more than written for IPv4.
    package let prefixLength: Int

    /// Reads `10.0.0.0/8`, `2001:db8::/32` or one address; the error says what is wrong with the text.
    package init(_ text: some StringProtocol) throws(AdmissionError) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, !first.utf8.contains(UInt8(ascii: "%")), let address = ClientAddress(first)
        else {
            throw AdmissionError("\"\(text)\" is no range of addresses: write 192.0.2.1, 10.0.0.0/8 or 2001:db8::/32")
        }
        let isDotted = !first.utf8.contains(UInt8(ascii: ":"))
        let longest = isDotted ? 32 : 128
        var length = longest
        if parts.count == 2 {
            let digits = parts[1].utf8
            guard (1...3).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
                digits.count == 1 || digits.first != UInt8(ascii: "0"), let number = Int(parts[1]), number <= longest
            else {
                throw AdmissionError("\"\(text)\" is no range of addresses: after \"/\" comes 0 to \(longest)")
            }
            length = number
        }
        let full = isDotted ? length + 96 : length
        let base = ClientAddress(bits: address.bits & ClientAddress.mask(full))
        guard base == address else {
            let text = isDotted ? ClientAddress(ipv4: UInt32(truncatingIfNeeded: base.bits)) : base
            throw AdmissionError(
                "\"\(first)/\(length)\" has bits after its prefix: write \(text)/\(length), or \(first) for one address"
            )
        }
        self.base = base
        prefixLength = full
    }

    package func contains(_ address: ClientAddress) -> Bool {
        base.isIPv4 == address.isIPv4 && address.bits & ClientAddress.mask(prefixLength) == base.bits
    }

    package var description: String {
        "\(base)/\(base.isIPv4 ? prefixLength - 96 : prefixLength)"
    }
}
