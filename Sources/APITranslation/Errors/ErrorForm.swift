import ByteWriting
package import NIOCore
import JSONBytes

/// The dialect in which an error is told: the shape of its body, its status, and its type.
package enum ErrorForm: Sendable {
    /// `{"error":{"message","type","param","code"}}`.
    case openAI
    /// `{"type":"error","error":{"type","message"},"request_id"}`; lack of money is 402, overload is 529.
    case anthropic

    /// The error as this dialect has it: status and retry advice may differ.
    package func adapt(_ error: APIError) -> APIError {
        guard self == .anthropic else { return error }
        var error = error
        switch error.status {
        case 401: error.shouldRetry = false
        case 429 where error.code == "insufficient_quota":
            error.status = 402
            error.shouldRetry = false
        case 429: error.shouldRetry = error.shouldRetry ?? true
        case 503:
            error.status = 529
            error.shouldRetry = error.shouldRetry ?? true
        default: break
        }
        return error
    }

    /// Appends the body of an error that ``adapt(_:)`` has made fit; the same text serves bodies and in-stream events.
    package func write(_ error: APIError, into output: inout ByteBuffer) {
        switch self {
        case .openAI: error.write(into: &output)
        case .anthropic: Self.writeAnthropic(error, into: &output)
        }
    }

    private static func writeAnthropic(_ error: APIError, into output: inout ByteBuffer) {
        output.append("{\"type\":\"error\",\"error\":{\"type\":")
        output.writeJSON(anthropicType(status: error.status))
        output.append(",\"message\":")
        output.writeJSON(anthropicMessage(error))
        if let upstreamCode = error.upstreamCode {
            output.append(",\"upstream_code\":")
            output.writeJSON(upstreamCode)
        }
        if let code = error.detailsCode {
            output.append(",\"details\":{\"error_code\":")
            output.writeJSON(code)
            output.append("}")
        }
        output.append("}")
        if let requestID = error.requestID {
            output.append(",\"request_id\":")
            output.writeJSON(requestID)
        }
        output.append("}")
    }

    private static func anthropicType(status: Int) -> String {
        switch status {
        case 401: "authentication_error"
        case 402: "billing_error"
        case 403: "permission_error"
        case 404: "not_found_error"
        case 409: "conflict_error"
        case 413: "request_too_large"
        case 429: "rate_limit_error"
        case 504: "timeout_error"
        case 529: "overloaded_error"
        case 400..<500: "invalid_request_error"
        default: "api_error"
        }
    }

    /// The words of the error, which begin with the place it is about, as there is no `param`.
    private static func anthropicMessage(_ error: APIError) -> String {
        if error.code == "context_length_exceeded" {
            let words = "prompt is too long: "
            return error.message.hasPrefix(words) ? error.message : words + error.message
        }
        // The words for an unknown model are those clients look for.
        guard let param = error.param, !(error.status == 404 && param == "model") else { return error.message }
        let place = param.replacing("[", with: ".").replacing("]", with: "")
        return error.message.hasPrefix(place) ? error.message : "\(place): \(error.message)"
    }
}
