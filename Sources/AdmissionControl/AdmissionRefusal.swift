/// Why a request may not run now.
package struct AdmissionRefusal: Sendable, Equatable {
    package enum Scope: String, Sendable, CaseIterable {
        case caller, address, overall
    }

    package enum Limit: String, Sendable, CaseIterable {
        case requests, concurrency, tokens
    }

    package var scope: Scope
    package var limit: Limit
    /// Nanoseconds after which it may be tried again; for concurrency a guess of one second, as nobody knows how long
    /// answers take.
    package var retryAfter: Int64
    /// The rest of the caller's limits; nil if no limit for callers is set.
    package var rateLimits: RateLimitSnapshot?

    package init(scope: Scope, limit: Limit, retryAfter: Int64, rateLimits: RateLimitSnapshot? = nil) {
        self.scope = scope
        self.limit = limit
        self.retryAfter = retryAfter
        self.rateLimits = rateLimits
    }

    /// The value of a `retry-after` header: whole seconds, at least one.
    package var retryAfterSeconds: Int { max(1, Int((retryAfter + 999_999_999) / 1_000_000_000)) }
}
