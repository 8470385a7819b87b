import APITranslation
import HTTPServing

/// The errors of the steps before an endpoint.
extension APIError {
    static let addressNotAllowed = APIError(
        status: 403,
        message: "This address may not use the gateway.",
        type: "permission_error",
        code: "address_not_allowed"
    )

    static func unknownURL(_ method: String, _ path: String, _ advice: String?) -> APIError {
        APIError(
            status: 404,
            message: "Invalid URL (\(method) \(path))." + (advice.map { " " + $0 } ?? ""),
            type: "invalid_request_error",
            code: "unknown_url"
        )
    }

    static func methodNotAllowed(_ method: String, _ path: String, _ allowed: String) -> APIError {
        APIError(
            status: 405,
            message: "\(path) does not take \(method); use \(allowed).",
            type: "invalid_request_error",
            code: "method_not_supported"
        )
    }

    static let unreadEncoding = APIError(
        status: 415,
        message: "The gateway does not read this Content-Encoding. Send the request body without one.",
        type: "invalid_request_error",
        code: "unsupported_content_encoding"
    )

    static let tooManyOpenRequests = overloaded("The gateway is busy: too many open requests. Try again shortly.")

    static let shuttingDown = APIError(
        status: 503,
        message: "The gateway is shutting down. Send the request again.",
        type: "server_error",
        code: "shutting_down",
        origin: .gateway,
        shouldRetry: true
    )

    private static func overloaded(_ message: String) -> APIError {
        APIError(
            status: 503,
            message: message,
            type: "server_error",
            code: "overloaded",
            origin: .gateway,
            shouldRetry: true,
            retryAfter: 1
        )
    }

    /// The errors for requests that the HTTP server refuses by itself.
    init(_ reason: HTTPRejection) {
        switch reason {
        case .malformed:
            self.init(
                status: 400,
                message: "The request is not valid HTTP/1.1.",
                type: "invalid_request_error",
                code: "malformed_request"
            )
        case .repeatedAuthorization:
            self.init(
                status: 400,
                message: "The request has more than one Authorization header.",
                type: "invalid_request_error",
                code: "malformed_request"
            )
        case .unknownMethod:
            self.init(
                status: 405,
                message: "The request's method is not known here; use \(Preflight.methods).",
                type: "invalid_request_error",
                code: "method_not_supported"
            )
        case .headersTooLarge(let limit):
            self.init(
                status: 431,
                message: "The request's headers are larger than \(limit) bytes.",
                type: "invalid_request_error",
                code: "headers_too_large"
            )
        case .tooManyHeaders(let limit):
            self.init(
                status: 431,
                message: "The request has more than \(limit) header fields.",
                type: "invalid_request_error",
                code: "headers_too_large"
            )
        case .bodyTooLarge(let limit):
            self.init(
                status: 413,
                message: "The request body is larger than \(limit) bytes. Send media as a URL instead of inline data.",
                type: "invalid_request_error",
                code: "request_too_large"
            )
        case .tooManyConnections:
            self = .overloaded("The gateway is busy: too many open connections. Try again shortly.")
        case .tooMuchMemory:
            self = .overloaded("The gateway is busy: too many large requests at once. Try again shortly.")
        case .bodyTimeout:
            self.init(
                status: 408,
                message: "The request body did not arrive in time.",
                type: "invalid_request_error",
                code: "request_timeout"
            )
        }
    }
}
