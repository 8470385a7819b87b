/// An IPv4 or IPv6 address; an IPv4 address and its IPv4-mapped form (`::ffff:192.0.2.1`) are the same address.
package struct ClientAddress: Hashable, Sendable {
    /// The 16 bytes of the address as one number; IPv4 in its mapped form.
    package let bits: UInt128

    static let mapped: UInt128 = 0xFFFF_0000_0000

    package init(bits: UInt128) {
        self.bits = bits
    }

    /// An IPv4 address whose first byte is the highest of the number.
    package init(ipv4: UInt32) {
        bits = Self.mapped | UInt128(ipv4)
    }

    /// An address of 4 or 16 bytes in network order; nil for another count.
    package init?(bytes: some Collection<UInt8>) {
        switch bytes.count {
        case 4: self.init(ipv4: bytes.reduce(0) { $0 << 8 | UInt32($1) })
        case 16: self.init(bits: bytes.reduce(0) { $0 << 8 | UInt128($1) })
        default: return nil
        }
    }

    package var isIPv4: Bool { bits >> 32 == 0xFFFF }

    /// The address with all but its first bits cleared if it is an IPv6 address, unchanged if it is IPv4.
    package func maskingIPv6(to prefixLength: Int) -> ClientAddress {
        isIPv4 ? self : ClientAddress(bits: bits & Self.mask(prefixLength))
    }

    static func mask(_ prefixLength: Int) -> UInt128 {
        prefixLength <= 0 ? 0 : UInt128.max << UInt128(max(0, 128 - prefixLength))
    }
}
