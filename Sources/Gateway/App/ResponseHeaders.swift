import APITranslation
import HTTPServing
import JSONBytes
import NIOCore

/// Header lines of the gateway's answers.
enum ResponseHeaders {
    private static let exposed: StaticString = """
        Access-Control-Allow-Origin: *\r
        Access-Control-Expose-Headers: x-request-id, x-gateway-adjustments, openai-processing-ms, retry-after, \
        retry-after-ms, x-should-retry, x-ratelimit-limit-requests, x-ratelimit-limit-tokens, \
        x-ratelimit-remaining-requests, x-ratelimit-remaining-tokens, x-ratelimit-reset-requests, \
        x-ratelimit-reset-tokens\r

        """

    /// The lines every answer has; browsers get theirs when they say where they come from.
    static func make(contentType: StaticString?, requestID: String, forBrowser: Bool) -> ByteBuffer {
        var lines = ByteBufferAllocator().buffer(capacity: forBrowser ? 640 : 192)
        if let contentType {
            lines.append("Content-Type: ")
            lines.append(contentType)
            lines.append("\r\n")
        }
        lines.writeHeader("x-request-id", requestID)
        if forBrowser { lines.append(exposed) }
        return lines
    }

    /// Adds `x-gateway-adjustments`, values joined by commas.
    static func write(_ adjustments: [Adjustment], into lines: inout ByteBuffer) {
        guard !adjustments.isEmpty else { return }
        lines.writeHeader("x-gateway-adjustments", adjustments.map(\.headerValue).joined(separator: ", "))
    }

    /// The header lines that belong to an error.
    static func write(_ error: APIError, into lines: inout ByteBuffer) {
        if error.status == 401 { lines.append("WWW-Authenticate: Bearer\r\n") }
        if let retryAfter = error.retryAfter { lines.writeHeader("retry-after", String(retryAfter)) }
        if let shouldRetry = error.shouldRetry { lines.writeHeader("x-should-retry", shouldRetry ? "true" : "false") }
    }
}
