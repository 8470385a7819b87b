/// The rest of a caller's limits, for OpenAI's `x-ratelimit-*` headers.
package struct RateLimitSnapshot: Sendable, Equatable {
    package struct Window: Sendable, Equatable {
        /// Units in a minute.
        package var limit: Int
        /// Units that could be taken at once.
        package var remaining: Int
        /// Nanoseconds until all of them are there again.
        package var reset: Int64

        package init(limit: Int, remaining: Int, reset: Int64) {
            self.limit = limit
            self.remaining = remaining
            self.reset = reset
        }
    }

    package var requests: Window?
    package var tokens: Window?

    package init(requests: Window? = nil, tokens: Window? = nil) {
        self.requests = requests
        self.tokens = tokens
    }
}
