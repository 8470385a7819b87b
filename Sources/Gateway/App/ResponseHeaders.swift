import APITranslation
import AdmissionControl
import HTTPServing
import JSONBytes
import NIOCore

/// Header lines of the gateway's answers.
enum ResponseHeaders {
    private static let exposed: StaticString = """
        Access-Control-Expose-Headers: x-request-id, x-gateway-adjustments, x-gateway-attempts, openai-processing-ms, \
        retry-after, retry-after-ms, x-should-retry, x-ratelimit-limit-requests, x-ratelimit-limit-tokens, \
        x-ratelimit-remaining-requests, x-ratelimit-remaining-tokens, x-ratelimit-reset-requests, \
        x-ratelimit-reset-tokens\r

        """

    /// The lines every answer has.
    static func make(contentType: StaticString?, requestID: String, capacity: Int = 192) -> ByteBuffer {
        var lines = ByteBufferAllocator().buffer(capacity: capacity)
        if let contentType {
            lines.append("Content-Type: ")
            lines.append(contentType)
            lines.append("\r\n")
        }
        lines.writeHeader("x-request-id", requestID)
        return lines
    }

    /// What a page from `origin` needs to read the answer; nothing where it may not.
    static func write(_ policy: CrossOriginPolicy, origin: String, into lines: inout ByteBuffer) {
        if policy.varies { lines.writeStaticString("Vary: Origin\r\n") }
        guard let allowed = policy.allowed(origin) else { return }
        lines.writeHeader("Access-Control-Allow-Origin", allowed)
        lines.writeStaticString(exposed)
    }

    /// Adds `x-gateway-adjustments`, values joined by commas.
    static func write(_ adjustments: [Adjustment], into lines: inout ByteBuffer) {
        guard !adjustments.isEmpty else { return }
        lines.writeHeader("x-gateway-adjustments", adjustments.map(\.headerValue).joined(separator: ", "))
    }

    /// Adds what is left of the caller's limits, as OpenAI writes it.
    static func write(_ limits: RateLimitSnapshot, into lines: inout ByteBuffer) {
        for header in limits.headers {
            lines.writeString(header.name)
            lines.writeHeader("", header.value)
        }
    }

    /// Adds `x-gateway-attempts` where upstream was called more than once.
    static func write(attempts: Int, into lines: inout ByteBuffer) {
        if attempts > 1 { lines.writeHeader("x-gateway-attempts", String(attempts)) }
    }

    /// The header lines that belong to an error.
    static func write(_ error: APIError, into lines: inout ByteBuffer) {
        if error.status == 401 { lines.append("WWW-Authenticate: Bearer\r\n") }
        if let retryAfter = error.retryAfter { lines.writeHeader("retry-after", String(retryAfter)) }
        if let shouldRetry = error.shouldRetry { lines.writeHeader("x-should-retry", shouldRetry ? "true" : "false") }
    }
}
