extension APIError {
    /// A 413 for a file that is larger than the model, or DashScope's storage, takes.
    package static func fileTooLarge(limit: Int, param: String? = nil) -> APIError {
        APIError(
            status: 413,
            message: "The file is larger than the \(limit) bytes that the model takes.",
            type: "invalid_request_error",
            code: "file_too_large",
            param: param,
            origin: .gateway
        )
    }

    /// A 400 for media whose base64 cannot be read.
    package static func noBase64(_ param: String) -> APIError {
        .invalidValue(param, "its data are no base64.")
    }
}
