/// Which scopes have limits, and the width of an IPv6 client, in one word.
struct ActiveScopes {
    let word: UInt64

    init(word: UInt64) {
        self.word = word
    }

    init(_ limits: AdmissionLimits) {
        let scopes: UInt64 =
            (limits.caller.isEmpty ? 0 : 1) | (limits.address.isEmpty ? 0 : 2) | (limits.overall.isEmpty ? 0 : 4)
        let prefixLength = UInt64(min(max(limits.ipv6PrefixLength, 1), 128))
        word = scopes == 0 ? 0 : scopes | prefixLength << 8
    }

    var isEmpty: Bool { word == 0 }
    var hasCaller: Bool { word & 1 != 0 }
    var hasAddress: Bool { word & 2 != 0 }
    var hasOverall: Bool { word & 4 != 0 }
    var ipv6PrefixLength: Int { Int(word >> 8) }
}
