/// The limits of a scope in the form that is checked.
struct ScopeRules: Sendable {
    /// A guess: the duration of the running requests is unknown.
    private static let concurrencyWait: Int64 = 1_000_000_000

    private let requests: CellRate?
    private let tokens: CellRate?
    private let concurrency: Int?

    init(_ limits: ScopeLimits) {
        requests = limits.requestsPerMinute.map { CellRate(perMinute: $0, burst: limits.burst) }
        tokens = limits.tokensPerMinute.map { CellRate(perMinute: $0) }
        concurrency = limits.concurrentRequests.map { max($0, 1) }
    }

    var limitsTokens: Bool { tokens != nil }

    /// The limit that refuses one more request, if any: of several, the one that lasts longest.
    @inline(__always)
    func obstacle(_ usage: ScopeUsage, tokens units: Int, now: Int64) -> (limit: AdmissionRefusal.Limit, wait: Int64)? {
        var obstacle: (limit: AdmissionRefusal.Limit, wait: Int64)?
        func note(_ limit: AdmissionRefusal.Limit, _ wait: Int64) {
            if wait > obstacle?.wait ?? 0 { obstacle = (limit, wait) }
        }
        if let concurrency, usage.running >= concurrency { note(.concurrency, Self.concurrencyWait) }
        if let requests { note(.requests, requests.wait(usage.requests, units: 1, now: now)) }
        if let tokens { note(.tokens, tokens.wait(usage.tokens, units: units, now: now)) }
        return obstacle
    }

    @inline(__always)
    func take(_ usage: inout ScopeUsage, tokens units: Int, now: Int64) {
        usage.running += 1
        requests?.take(&usage.requests, units: 1, now: now)
        tokens?.take(&usage.tokens, units: units, now: now)
    }

    /// Gives the place back and puts the true number of tokens in the place of the estimate.
    @inline(__always)
    func settle(_ usage: inout ScopeUsage, _ settlement: Settlement, tookTokens: Bool) {
        usage.running -= 1
        guard tookTokens, let tokens, let used = settlement.used, used != settlement.estimated else { return }
        tokens.correct(&usage.tokens, taken: settlement.estimated, used: used, now: settlement.now)
    }

    func snapshot(_ usage: ScopeUsage, now: Int64) -> RateLimitSnapshot {
        func window(_ rate: CellRate?, _ state: Int64) -> RateLimitSnapshot.Window? {
            rate.map {
                let (units, reset) = $0.remaining(state, now: now)
                return RateLimitSnapshot.Window(limit: $0.perMinute, remaining: units, reset: reset)
            }
        }
        return RateLimitSnapshot(
            requests: window(requests, usage.requests),
            tokens: window(tokens, usage.tokens)
        )
    }
}
