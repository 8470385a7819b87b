/// A set of address ranges; a look-up is one binary search, whatever their number.
package struct AddressRangeList: Sendable, Equatable {
    // First and last addresses of disjoint stretches in rising order.
    private let firsts: [UInt128]
    private let lasts: [UInt128]

    package init(_ ranges: [AddressRange] = []) {
        var firsts: [UInt128] = []
        var lasts: [UInt128] = []
        for stretch in ranges.flatMap(Self.stretches).sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = lasts.last, last == .max || stretch.lowerBound <= last + 1 {
                lasts[lasts.count - 1] = max(last, stretch.upperBound)
            } else {
                firsts.append(stretch.lowerBound)
                lasts.append(stretch.upperBound)
            }
        }
        self.firsts = firsts
        self.lasts = lasts
    }

    /// Reads ranges as `AddressRange` does; the error is that of the first bad one.
    package init(_ texts: [String]) throws(AdmissionError) {
        var ranges: [AddressRange] = []
        for text in texts { ranges.append(try AddressRange(text)) }
        self.init(ranges)
    }

    package var isEmpty: Bool { firsts.isEmpty }

    package func contains(_ address: ClientAddress) -> Bool {
        var low = 0
        var high = firsts.count
        while low < high {
            let middle = (low + high) / 2
            if firsts[middle] <= address.bits { low = middle + 1 } else { high = middle }
        }
        return low > 0 && address.bits <= lasts[low - 1]
    }

    /// An IPv6 range that spans the IPv4-mapped addresses (`::/0`) leaves them out: who writes it means IPv6.
    private static func stretches(_ range: AddressRange) -> [ClosedRange<UInt128>] {
        let first = range.base.bits
        let last = first | ~ClientAddress.mask(range.prefixLength)
        let ipv4 = ClientAddress.mapped...(ClientAddress.mapped | 0xFFFF_FFFF)
        guard !range.base.isIPv4, first < ipv4.lowerBound, last >= ipv4.upperBound else { return [first...last] }
        let before = first...(ipv4.lowerBound - 1)
        return last == ipv4.upperBound ? [before] : [before, (ipv4.upperBound + 1)...last]
    }
}
