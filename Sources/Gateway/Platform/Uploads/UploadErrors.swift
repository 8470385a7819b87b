import APITranslation

extension APIError {
    static func noUpload(_ id: String) -> APIError {
        APIError(
            status: 404,
            message: "No such Upload object: \(id.prefix(64))",
            type: "invalid_request_error",
            param: "upload_id"
        )
    }

    static func wrong(_ param: String, _ message: String) -> APIError {
        .invalidRequest("Invalid value for '\(param)': \(message)", param: param, code: "invalid_value")
    }

    static func uploadHasEnded(_ how: String) -> APIError {
        .invalidRequest(
            "The upload \(how); only a pending upload can be used.",
            param: "upload_id",
            code: "invalid_value"
        )
    }

    static let uploadsAreFull = APIError(
        status: 503,
        message:
            "The gateway has no room for further parts of uploads (uploads.maximumBytes). Try again later, or send the "
            + "file to POST /v1/files in one request.",
        type: "server_error",
        code: "uploads_full",
        origin: .gateway,
        shouldRetry: true,
        retryAfter: 5
    )

    /// The reason is the operator's business, and stands in the log.
    static let uploadsAreBroken = APIError(
        status: 503,
        message: "The gateway cannot keep parts of uploads now. Send the file to POST /v1/files in one request.",
        type: "server_error",
        code: "uploads_unavailable",
        origin: .gateway,
        shouldRetry: true
    )

    static func uploadsAreBusy(_ what: String) -> APIError {
        APIError(
            status: 503,
            message: "The gateway is busy: \(what). Try again shortly.",
            type: "server_error",
            code: "overloaded",
            origin: .gateway,
            shouldRetry: true,
            retryAfter: 5
        )
    }

    static func addressHasTooMuch(_ what: String) -> APIError {
        APIError(
            status: 429,
            message: "Rate limit reached for this address: it has \(what). Complete or cancel an upload first.",
            type: "rate_limit_error",
            code: "rate_limit_exceeded",
            origin: .gateway,
            shouldRetry: true,
            retryAfter: 5
        )
    }
}
