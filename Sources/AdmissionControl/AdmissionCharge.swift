/// The units that an admitted request has taken, and from whom.
struct AdmissionCharge: Sendable {
    let tokens: Int
    /// The shard and the place in it, for each scope that counted the request.
    var caller: (shard: Int, place: ScopePlace)?
    var address: (shard: Int, place: ScopePlace)?
    var isInOverall = false
    var overallTookTokens = false
    var rateLimits: RateLimitSnapshot?
}
