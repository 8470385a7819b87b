/// Where a permit's entry stands in its table; the generation tells whether it is still that entry.
struct ScopePlace: Sendable {
    var slot: Int32
    var generation: UInt32
    /// Whether its tokens were counted; not so if the limit came later.
    var tookTokens: Bool
}
