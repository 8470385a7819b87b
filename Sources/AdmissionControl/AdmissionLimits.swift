/// All limits on requests: for each caller, for each client address, and for all together.
package struct AdmissionLimits: Sendable, Equatable {
    package var caller: ScopeLimits
    package var address: ScopeLimits
    package var overall: ScopeLimits
    /// How many callers, and how many addresses, are remembered at most (about 100 bytes each).
    ///
    /// The bound is divided among the shards and is hard. The idle ones used longest ago are forgotten first; only
    /// when all have running requests is the one admitted longest ago forgotten, and its running requests count no
    /// longer. A forgotten caller starts afresh, so the bound should be well above the number of callers.
    package var maximumTracked: Int
    /// How many leading bits of an IPv6 address make one client: one subscriber commonly has a whole /64 to choose
    /// from.
    package var ipv6PrefixLength: Int

    package init(
        caller: ScopeLimits = ScopeLimits(),
        address: ScopeLimits = ScopeLimits(),
        overall: ScopeLimits = ScopeLimits(),
        maximumTracked: Int = 50_000,
        ipv6PrefixLength: Int = 64
    ) {
        self.caller = caller
        self.address = address
        self.overall = overall
        self.maximumTracked = maximumTracked
        self.ipv6PrefixLength = ipv6PrefixLength
    }
}
