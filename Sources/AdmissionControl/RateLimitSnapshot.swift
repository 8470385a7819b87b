/// What a caller has left of its limits, as OpenAI's `x-ratelimit-*` headers tell it.
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

    /// Names and values of the headers; none for what has no limit.
    package var headers: [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        headers.reserveCapacity(6)
        if let requests {
            headers.append(("x-ratelimit-limit-requests", String(requests.limit)))
            headers.append(("x-ratelimit-remaining-requests", String(requests.remaining)))
            headers.append(("x-ratelimit-reset-requests", Self.resetText(requests.reset)))
        }
        if let tokens {
            headers.append(("x-ratelimit-limit-tokens", String(tokens.limit)))
            headers.append(("x-ratelimit-remaining-tokens", String(tokens.remaining)))
            headers.append(("x-ratelimit-reset-tokens", Self.resetText(tokens.reset)))
        }
        return headers
    }

    /// A duration as OpenAI prints it (`120ms`, `1s`, `8.64s`, `6m0s`), rounded up to milliseconds.
    package static func resetText(_ nanoseconds: Int64) -> String {
        let milliseconds = max(0, nanoseconds) / 1_000_000 + (nanoseconds > 0 && nanoseconds % 1_000_000 != 0 ? 1 : 0)
        if milliseconds == 0 { return "0s" }
        if milliseconds < 1000 { return "\(milliseconds)ms" }
        let seconds = milliseconds / 1000
        var text = seconds >= 3600 ? "\(seconds / 3600)h" : ""
        if seconds >= 60 { text += "\(seconds / 60 % 60)m" }
        text += "\(seconds % 60)"
        let rest = milliseconds % 1000
        if rest != 0 {
            var digits = String(rest + 1000).dropFirst()
            while digits.last == "0" { digits.removeLast() }
            text += ".\(digits)"
        }
        return text + "s"
    }
}
