/// The limits of one scope; what is nil has no limit.
package struct ScopeLimits: Sendable, Equatable {
    /// Requests in a minute, spread evenly (GCRA).
    package var requestsPerMinute: Int?
    /// How many requests may come at once after a rest.
    ///
    /// Not set, it is a whole minute's worth, as with OpenAI's limits.
    package var burst: Int?
    /// Requests that run at the same time.
    package var concurrentRequests: Int?
    /// Tokens in a minute (GCRA); as many may be used at once after a rest.
    package var tokensPerMinute: Int?

    package init(
        requestsPerMinute: Int? = nil,
        burst: Int? = nil,
        concurrentRequests: Int? = nil,
        tokensPerMinute: Int? = nil
    ) {
        self.requestsPerMinute = requestsPerMinute
        self.burst = burst
        self.concurrentRequests = concurrentRequests
        self.tokensPerMinute = tokensPerMinute
    }

    /// Whether anything is limited; a burst alone limits nothing.
    package var isEmpty: Bool {
        requestsPerMinute == nil && concurrentRequests == nil && tokensPerMinute == nil
    }
}
