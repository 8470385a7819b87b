import AdmissionControl

/// The naive reading of the limits: token buckets that are filled at every look, with exact arithmetic.
struct ReferenceAdmission {
    struct Bucket {
        let perMinute: Int
        let capacity: Int
        // In units of a 60,000,000,000th, so that a nanosecond adds a whole number.
        private var level: Int
        private var seen: Int64 = 0

        init(perMinute: Int, capacity: Int) {
            self.perMinute = perMinute
            self.capacity = capacity
            level = capacity * 60_000_000_000
        }

        mutating func admits(_ units: Int, now: Int64) -> Bool {
            add(Int(now - seen) * perMinute)
            seen = now
            return level >= min(units, capacity) * 60_000_000_000
        }

        mutating func add(_ amount: Int) {
            level = min(level + amount, capacity * 60_000_000_000)
        }

        mutating func take(_ units: Int) { add(-units * 60_000_000_000) }
    }

    struct Scope {
        var requests: Bucket
        var tokens: Bucket
        let concurrency: Int
        var running = 0

        init(_ limits: ScopeLimits) {
            let rate = limits.requestsPerMinute ?? 0
            requests = Bucket(perMinute: rate, capacity: limits.burst ?? rate)
            tokens = Bucket(perMinute: limits.tokensPerMinute ?? 0, capacity: limits.tokensPerMinute ?? 0)
            concurrency = limits.concurrentRequests ?? 0
        }

        mutating func admits(_ units: Int, now: Int64) -> Bool {
            let hasRequest = requests.admits(1, now: now)
            return tokens.admits(units, now: now) && hasRequest && running < concurrency
        }
    }

    let limits: AdmissionLimits
    private var callers: [CallerID: Scope] = [:]
    private var addresses: [ClientAddress: Scope] = [:]
    private var overall: Scope

    /// Every scope must have every limit.
    init(_ limits: AdmissionLimits) {
        self.limits = limits
        overall = Scope(limits.overall)
    }

    mutating func admit(_ caller: CallerID, _ address: ClientAddress, tokens: Int, now: Int64) -> Bool {
        let answers = [
            callers[caller, default: Scope(limits.caller)].admits(tokens, now: now),
            addresses[address, default: Scope(limits.address)].admits(tokens, now: now),
            overall.admits(tokens, now: now),
        ]
        guard answers.allSatisfy(\.self) else { return false }
        change(caller, address) {
            $0.running += 1
            $0.requests.take(1)
            $0.tokens.take(tokens)
        }
        return true
    }

    mutating func settle(_ caller: CallerID, _ address: ClientAddress, estimated: Int, used: Int, now: Int64) {
        change(caller, address) {
            $0.running -= 1
            _ = $0.tokens.admits(0, now: now)
            $0.tokens.take(used - estimated)
        }
    }

    private mutating func change(_ caller: CallerID, _ address: ClientAddress, _ body: (inout Scope) -> Void) {
        body(&callers[caller, default: Scope(limits.caller)])
        body(&addresses[address, default: Scope(limits.address)])
        body(&overall)
    }
}
