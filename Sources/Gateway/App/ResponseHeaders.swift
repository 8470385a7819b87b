import APITranslation
import AdmissionControl
import ByteWriting
import HTTPServing
import Telemetry

/// Header lines of the gateway's answers.
enum ResponseHeaders {
    private static let exposed: StaticString = """
        Access-Control-Expose-Headers: x-request-id, x-gateway-adjustments, x-gateway-attempts, x-dashscope-task-id, openai-processing-ms, openai-poll-after-ms, \
        retry-after, retry-after-ms, x-should-retry, x-ratelimit-limit-requests, x-ratelimit-limit-tokens, \
        x-ratelimit-remaining-requests, x-ratelimit-remaining-tokens, x-ratelimit-reset-requests, \
        x-ratelimit-reset-tokens\r

        """

    /// The headers that allow browsers to show an answer of the gateway only as the type it has, and to load nothing
    /// for it.
    static let documentPolicy: StaticString = """
        X-Content-Type-Options: nosniff\r
        Content-Security-Policy: default-src 'none'; base-uri 'none'; form-action 'none'; \
        frame-ancestors 'none'\r
        Referrer-Policy: no-referrer\r

        """

    /// The headers that allow browsers to run and show a page's own files and to call this gateway.
    ///
    /// `data:` and `blob:` are what the page itself has fetched with the key: images, speech and videos.
    static let pagePolicy: StaticString = """
        X-Content-Type-Options: nosniff\r
        Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
        media-src blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r
        Referrer-Policy: no-referrer\r
        Cache-Control: no-cache\r
        Vary: Accept\r

        """

    /// Writes the headers that let a page from `origin` read the answer; none where it may not.
    static func write(_ policy: CrossOriginPolicy, origin: String, into lines: inout ByteWriter) {
        if policy.varies { lines.append("Vary: Origin\r\n") }
        guard let allowed = policy.allowed(origin) else { return }
        lines.writeHeader("Access-Control-Allow-Origin", allowed)
        lines.append(exposed)
    }

    /// Adds `x-gateway-adjustments`: one entry for a kind, bounded as a whole.
    static func write(_ adjustments: AdjustmentList, into lines: inout ByteWriter) {
        guard !adjustments.isEmpty else { return }
        lines.writeHeader("x-gateway-adjustments", adjustments.headerValue)
    }

    /// Adds what is left of the caller's limits, as OpenAI writes it; nothing for what has no limit.
    static func write(_ limits: RateLimitSnapshot, into lines: inout ByteWriter) {
        if let requests = limits.requests {
            lines.append("x-ratelimit-limit-requests: ")
            lines.append(number: requests.limit)
            lines.append("\r\nx-ratelimit-remaining-requests: ")
            lines.append(number: requests.remaining)
            lines.append("\r\nx-ratelimit-reset-requests: ")
            lines.append(wait: requests.reset)
            lines.append("\r\n")
        }
        if let tokens = limits.tokens {
            lines.append("x-ratelimit-limit-tokens: ")
            lines.append(number: tokens.limit)
            lines.append("\r\nx-ratelimit-remaining-tokens: ")
            lines.append(number: tokens.remaining)
            lines.append("\r\nx-ratelimit-reset-tokens: ")
            lines.append(wait: tokens.reset)
            lines.append("\r\n")
        }
    }

    /// Adds what is left of the caller's limits, as Anthropic writes it: resets are moments, `now` is in Unix seconds.
    static func writeAnthropic(_ limits: RateLimitSnapshot, now: Int, into lines: inout ByteWriter) {
        if let requests = limits.requests {
            write(
                requests,
                limit: "anthropic-ratelimit-requests-limit: ",
                now: now,
                into: &lines,
                remaining: "\r\nanthropic-ratelimit-requests-remaining: ",
                reset: "\r\nanthropic-ratelimit-requests-reset: "
            )
        }
        if let tokens = limits.tokens {
            write(
                tokens,
                limit: "anthropic-ratelimit-tokens-limit: ",
                now: now,
                into: &lines,
                remaining: "\r\nanthropic-ratelimit-tokens-remaining: ",
                reset: "\r\nanthropic-ratelimit-tokens-reset: "
            )
        }
    }

    private static func write(
        _ window: RateLimitSnapshot.Window,
        limit: StaticString,
        now: Int,
        into lines: inout ByteWriter,
        remaining: StaticString,
        reset: StaticString
    ) {
        lines.append(limit)
        lines.append(number: window.limit)
        lines.append(remaining)
        lines.append(number: window.remaining)
        lines.append(reset)
        let seconds = (max(0, window.reset) + 999_999_999) / 1_000_000_000
        lines.append(text: Timestamp.rfc3339(seconds: now + Int(seconds), milliseconds: 0))
        lines.append("\r\n")
    }

    /// Adds `x-gateway-attempts` where upstream was called more than once.
    static func write(attempts: Int, into lines: inout ByteWriter) {
        if attempts > 1 { lines.writeHeader("x-gateway-attempts", String(attempts)) }
    }

    /// The header lines that belong to an error.
    static func write(_ error: APIError, into lines: inout ByteWriter) {
        if error.status == 401 { lines.append("WWW-Authenticate: Bearer\r\n") }
        if let retryAfter = error.retryAfter { lines.writeHeader("retry-after", String(retryAfter)) }
        if let shouldRetry = error.shouldRetry { lines.writeHeader("x-should-retry", shouldRetry ? "true" : "false") }
    }
}

extension ByteWriter {
    /// Appends a duration as OpenAI prints it (`120ms`, `1s`, `8.64s`, `6m0s`), nanoseconds rounded up to milliseconds.
    mutating func append(wait nanoseconds: Int64) {
        let milliseconds = max(0, nanoseconds) / 1_000_000 + (nanoseconds > 0 && nanoseconds % 1_000_000 != 0 ? 1 : 0)
        if milliseconds == 0 { return append("0s") }
        if milliseconds < 1000 {
            append(number: Int(milliseconds))
            return append("ms")
        }
        let seconds = Int(milliseconds / 1000)
        if seconds >= 3600 {
            append(number: seconds / 3600)
            append("h")
        }
        if seconds >= 60 {
            append(number: seconds / 60 % 60)
            append("m")
        }
        append(number: seconds % 60)
        var rest = milliseconds % 1000
        if rest != 0 { append(".") }
        while rest != 0 {
            append(byte: UInt8(truncatingIfNeeded: 0x30 + rest / 100))
            rest = rest % 100 * 10
        }
        append("s")
    }
}
