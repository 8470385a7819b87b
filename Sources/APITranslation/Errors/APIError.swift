import ByteWriting
package import NIOCore
import JSONBytes

/// An error as the client meets it: OpenAI's error object, the HTTP status, and what to tell SDKs about retrying.
///
/// `message` says what was wrong, where, and what to do; it never holds a key or a prompt.
package struct APIError: Error, Equatable, Sendable {
    /// Where the fault lies; a closed set used as a metric label.
    package enum Origin: String, Sendable {
        case client, gateway, upstream
    }

    package var status: Int
    package var message: String
    /// OpenAI's `type`, such as `invalid_request_error`.
    package var type: String
    package var code: String?
    /// The OpenAI name or path of the field at fault, such as `messages[0].role`.
    package var param: String?
    package var origin: Origin
    /// DashScope's own code, sent as `error.upstream_code`.
    package var upstreamCode: String?
    /// DashScope's request id, sent as `error.request_id`.
    package var requestID: String?
    /// Sent as `x-should-retry` where it is known.
    package var shouldRetry: Bool?
    /// Sent as `retry-after`, in seconds.
    package var retryAfter: Int?
    /// Sent as `error.details.error_code` in Anthropic's form.
    package var detailsCode: String?
    /// The gateway's own reaction to the failure.
    package var disposition = Disposition()

    package init(
        status: Int,
        message: String,
        type: String,
        code: String? = nil,
        param: String? = nil,
        origin: Origin = .client,
        upstreamCode: String? = nil,
        requestID: String? = nil,
        shouldRetry: Bool? = nil,
        retryAfter: Int? = nil
    ) {
        self.status = status
        self.message = message
        self.type = type
        self.code = code
        self.param = param
        self.origin = origin
        self.upstreamCode = upstreamCode
        self.requestID = requestID
        self.shouldRetry = shouldRetry
        self.retryAfter = retryAfter
    }

    /// A 400 about one field of the request.
    package static func invalidRequest(_ message: String, param: String?, code: String? = nil) -> APIError {
        APIError(status: 400, message: message, type: "invalid_request_error", code: code, param: param)
    }

    /// Appends the body, `{"error":{…}}`; the same text serves HTTP bodies and in-stream events.
    package func write(into output: inout ByteBuffer) {
        output.append("{\"error\":{\"message\":")
        output.writeJSON(message)
        output.append(",\"type\":")
        output.writeJSON(type)
        output.append(",\"param\":")
        output.writeJSON(orNull: param)
        output.append(",\"code\":")
        output.writeJSON(orNull: code)
        if let upstreamCode {
            output.append(",\"upstream_code\":")
            output.writeJSON(upstreamCode)
        }
        if let requestID {
            output.append(",\"request_id\":")
            output.writeJSON(requestID)
        }
        output.append("}}")
    }
}

extension ByteBuffer {
    mutating func writeJSON(orNull text: String?) {
        if let text { writeJSON(text) } else { append("null") }
    }
}
