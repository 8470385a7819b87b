import APITranslation
import WireFormats

/// The errors of requests with forms and files.
extension APIError {
    init(_ failure: MultipartParser.Failure) {
        let reason =
            switch failure {
            case .noBoundary: "it does not begin with the boundary that its Content-Type names."
            case .badHead: "a part has no Content-Disposition with a name, or one that cannot be read."
            case .headTooLarge(let limit): "the head of a part is larger than \(limit) bytes."
            case .incomplete: "it ends before its closing boundary."
            }
        self = .invalidForm("The form cannot be read: \(reason)")
    }

    static func invalidForm(_ message: String, param: String? = nil) -> APIError {
        .invalidRequest(message, param: param, code: "invalid_form")
    }

    static let noBoundary = invalidForm(
        "The Content-Type multipart/form-data has no usable boundary (1 to 200 characters)."
    )

    /// The same error, or a 415 where a body that is no JSON was sent as a form that the endpoint does not take, or as media.
    ///
    /// Curl calls JSON a form as well, so that only the body can tell.
    func explained(contentType: String?, takesForms: @autoclosure () -> Bool) -> APIError {
        guard code == "invalid_json", let type = contentType.map({ HeaderParameters($0).value }) else { return self }
        let sent: String
        if type.hasPrefix("multipart/") {
            sent = "a form (multipart)"
        } else if type == "application/x-www-form-urlencoded" {
            sent = "a form (\(type))"
        } else if ["audio/", "image/", "video/", "application/octet-stream"].contains(where: type.hasPrefix) {
            sent = "a file"
        } else {
            return self
        }
        return APIError(
            status: 415,
            message:
                "The request was sent as \(sent); send JSON, with the Content-Type "
                + "application/json" + (takesForms() ? ", or multipart/form-data." : "."),
            type: "invalid_request_error",
            code: "unsupported_media_type"
        )
    }

    /// `field` is the one with which the bound is passed.
    static func tooManyParts(limit: Int, at field: String) -> APIError {
        .invalidForm(
            "The form has more than \(limit) parts (server.maximumFormParts).",
            param: KeyLookalikes.redacted(String(field.prefix(64)))
        )
    }

    static func tooManyFiles(_ field: String, limit: Int) -> APIError {
        .invalidRequest(
            "Invalid '\(field)': the model takes \(limit == 1 ? "one file" : "at most \(limit) files") here.",
            param: field,
            code: "array_above_max_length"
        )
    }

    static func emptyFile(_ field: String) -> APIError {
        .invalidRequest("Invalid '\(field)': the file is empty.", param: field, code: "invalid_value")
    }

    static func tooManyUploads(_ param: String, limit: Int) -> APIError {
        .invalidRequest(
            "Invalid '\(param)': more than \(limit) files of the request would have to be uploaded (upstream.maximumUploads). "
                + "Send URLs instead.",
            param: param,
            code: "array_above_max_length"
        )
    }

    static let uploadTimeout = APIError(
        status: 504,
        message: "DashScope's storage did not take the file in time.",
        type: "timeout_error",
        code: "timeout",
        origin: .gateway,
        shouldRetry: true
    )

    static let modelBehindFile = APIError.invalidRequest(
        "The form names its model behind a file that is too large to wait for it: send the field 'model' first.",
        param: "model",
        code: "invalid_form"
    )

    static let noVariations = APIError.invalidRequest(
        "DashScope has no model that makes variations of an image alone. Send the image with a 'prompt' that says what is to "
            + "vary, and a model such as qwen-image-edit-plus, to POST /v1/images/edits.",
        param: nil,
        code: "model_not_supported"
    )
}
