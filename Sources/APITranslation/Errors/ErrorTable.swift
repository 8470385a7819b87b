/// DashScope's refusals in OpenAI's words: one table, the first row that matches counts.
///
/// Clients choose their exception by status and retry 408, 409, 429 and 5xx by themselves unless `x-should-retry`
/// says otherwise, so these two matter more than words. Source: DashScope error reference.
package enum ErrorTable {
    /// Maps a refusal whose parts are known; the status is nil where a stream did not say.
    package static func map(status: Int?, code: String, message: String, requestID: String?) -> APIError {
        let refusal = RefusalFacts(status: status, code: code, message: message)
        var error = error(for: refusal)
        if error.message.isEmpty { error.message = Self.message(without: refusal) }
        error.origin = .upstream
        error.upstreamCode = refusal.shownCode
        error.requestID = requestID.flatMap(UpstreamID.visible)
        return error
    }

    /// Whether a refusal means that the model lives on the other generation path.
    private static func isWrongPath(_ refusal: RefusalFacts) -> Bool {
        refusal.isAboutParameters && refusal.says("url error")
    }

    private static func message(without refusal: RefusalFacts) -> String {
        if let code = refusal.shownCode { return "DashScope refused the request with code \(code) and gave no reason." }
        guard let status = refusal.status else { return "DashScope failed and gave no reason; try again later." }
        return status >= 500 || status == 429 || status == 408
            ? "DashScope answered with status \(status) and gave no reason; try again later."
            : "DashScope answered with status \(status) and gave no reason."
    }

    private static func error(for refusal: RefusalFacts) -> APIError {
        for row in rows where row.matches(refusal) {
            var error = row.error(refusal)
            error.disposition = row.disposition
            return error
        }
        return serverError(refusal)
    }
}

// MARK: - Rows

extension ErrorTable {
    struct Row: Sendable {
        let disposition: Disposition
        let matches: @Sendable (RefusalFacts) -> Bool
        let error: @Sendable (RefusalFacts) -> APIError

        init(
            retry: RetryAdvice = .never,
            isWrongPath: Bool = false,
            matches: @escaping @Sendable (RefusalFacts) -> Bool,
            error: @escaping @Sendable (RefusalFacts) -> APIError
        ) {
            disposition = Disposition(retry: retry, isWrongPath: isWrongPath)
            self.matches = matches
            self.error = error
        }
    }

    static let rows: [Row] = identity + requests + limits + failures

    // MARK: Who is calling, and what they may use

    private static let identity: [Row] = [
        Row {
            $0.code == "invalidapikey" || $0.code == "notauthorized" || $0.status == 401
        } error: {
            APIError(status: 401, message: $0.message, type: "authentication_error", code: "invalid_api_key")
        },
        // Out of money: clients must not try again, which a plain 429 would make them do.
        Row {
            switch $0.code {
            case "arrearage", "prepaidbilloverdue", "postpaidbilloverdue", "commoditynotpurchased",
                "allocationquota.freetieronly", "throttling.budgetlimitexceeded":
                true
            default: $0.says("free allocated quota exceeded")
            }
        } error: {
            APIError(
                status: 429,
                message: $0.message,
                type: "insufficient_quota",
                code: "insufficient_quota",
                shouldRetry: false
            )
        },
        Row {
            $0.code.hasPrefix("accessdenied") || $0.code.hasSuffix(".accessdenied") || $0.status == 403
        } error: {
            APIError(status: 403, message: $0.message, type: "permission_error", code: "access_denied")
        },
        Row {
            switch $0.code {
            case "modelnotfound", "model.notexist", "modelnotsupported": true
            default: $0.isAboutParameters && $0.says("model not exist")
            }
        } error: {
            APIError(
                status: 404,
                message: $0.message,
                type: "invalid_request_error",
                code: "model_not_found",
                param: "model"
            )
        },
        Row {
            $0.code == "workspacenotfound" || $0.code == "notfound" || $0.status == 404
        } error: {
            APIError(status: 404, message: $0.message, type: "invalid_request_error", code: "not_found")
        },
    ]

    // MARK: What was asked

    private static let requests: [Row] = [
        Row {
            switch $0.code {
            case "datainspectionfailed", "ipinfringementsuspect", "faqruleblocked", "customroleblocked": true
            default: $0.code.hasPrefix("internalerror.datainspection")
            }
        } error: {
            request($0, code: "content_filter")
        },
        Row(isWrongPath: true, matches: isWrongPath) {
            APIError(
                status: 404,
                message: $0.message,
                type: "invalid_request_error",
                code: "model_not_found",
                param: "model"
            )
        },
        Row {
            $0.code == "invalidinputlength" || ($0.isAboutParameters && $0.says("range of input length"))
        } error: {
            contextLength($0)
        },
        Row {
            $0.code == "invalidparameter.notsupportenablethinking"
        } error: {
            request($0, code: "invalid_value", param: "enable_thinking")
        },
        Row {
            $0.isAboutParameters && !isAboutMedia($0) && !$0.code.hasPrefix("badrequest.")
                && ParameterFragments.param(in: $0.lowerMessage) != nil
        } error: {
            request($0, code: "invalid_value", param: ParameterFragments.param(in: $0.lowerMessage))
        },
        Row {
            $0.code == "badrequest.toolarge" || $0.status == 413 || $0.says("max bytes per data-uri item")
        } error: {
            APIError(status: 413, message: $0.message, type: "invalid_request_error", code: "request_too_large")
        },
        // The media may be there the next time; nothing has run without them.
        Row(retry: .once) {
            switch $0.code {
            case "invalidparameter.datainspection", "badrequest.inputdownloadfailed", "invalidurl.connectionrefused",
                "invalidurl.timeout":
                true
            default: false
            }
        } error: {
            media($0)
        },
        Row(matches: isAboutMedia, error: media),
        // In spite of its status: the layer below was not reached.
        Row(retry: .repeatedly) {
            $0.code == "apiconnectionerror"
        } error: {
            request($0, code: "invalid_request")
        },
        Row {
            $0.status == 400 || ($0.status == nil && isRequestCode($0.code))
        } error: {
            request($0, code: "invalid_request")
        },
    ]

    private static func request(_ refusal: RefusalFacts, code: String, param: String? = nil) -> APIError {
        APIError(status: 400, message: refusal.message, type: "invalid_request_error", code: code, param: param)
    }

    /// Clients recognise this error by its text: the first sentence is the one they look for.
    private static func contextLength(_ refusal: RefusalFacts) -> APIError {
        var error = request(refusal, code: "context_length_exceeded", param: "messages")
        let sentence =
            refusal.limitOfRange.map { "Input tokens exceed the configured limit of \($0) tokens." }
            ?? "Input tokens exceed the configured limit of the model."
        error.message = error.message.isEmpty ? sentence : "\(sentence) \(error.message)"
        return error
    }

    private static func media(_ refusal: RefusalFacts) -> APIError {
        let isFile =
            refusal.code.hasPrefix("invalidfile") || refusal.code == "badrequest.inputdownloadfailed"
            || isOfFile(refusal.code)
        return request(refusal, code: isFile ? "invalid_file" : "invalid_image_url", param: "messages")
    }

    /// Media that could not be fetched or read, and an inline item that is too large.
    private static func isAboutMedia(_ refusal: RefusalFacts) -> Bool {
        let code = refusal.code
        if code.hasPrefix("invalidurl") || code.hasPrefix("invalidfile") || code.hasPrefix("invalidimage")
            || code == "badrequest.inputdownloadfailed" || code == "invalidparameter.datainspection" || isOfFile(code)
        {
            return true
        }
        guard refusal.isAboutParameters else { return false }
        return refusal.says("failed to download") || refusal.says("provided url does not appear to be valid")
            || refusal.says("max bytes per data-uri item")
            || (refusal.says("download") && refusal.says("timed out"))
    }

    /// Codes of tasks that could not fetch, or could not read, the file they were given.
    private static func isOfFile(_ code: String) -> Bool {
        switch code {
        case "filedownloadfailed", "file403forbidden", "file404notfound", "filetoolarge", "fileparsefailed",
            "audiodurationtoolong", "decodeerror", "novalidaudioerror", "asrresponsehavenowords":
            true
        default: false
        }
    }

    /// Codes that are documented with status 400, for streams that give no status.
    private static func isRequestCode(_ code: String) -> Bool {
        for prefix in ["invalid", "badrequest", "internalerror.algo.invalid"] where code.hasPrefix(prefix) {
            return true
        }
        switch code {
        case "flownotpublished", "unsupportedoperation", "clientdisconnect": return true
        default: return false
        }
    }

    // MARK: How much was asked

    // Limits recover within seconds to a minute: one try more, then the wait is the caller's to decide.
    private static let limits: [Row] = [
        Row(retry: .onceLater) {
            $0.code == "throttling.burstrate" || $0.code == "limitburstrate"
        } error: {
            throttled($0, shouldRetry: true, after: 10)
        },
        Row(retry: .once) {
            $0.code == "throttling.ratequota" || $0.code == "limitrequests" || $0.code == "throttling"
        } error: {
            throttled($0, shouldRetry: true, after: 2)
        },
        // A rate of tokens, in spite of OpenAI's word for an empty account.
        Row(retry: .once) {
            $0.code == "throttling.allocationquota" || $0.code == "insufficientquota"
        } error: {
            throttled($0, shouldRetry: true, after: 2)
        },
        Row(retry: .once) {
            $0.status == 429 || $0.code.hasPrefix("throttling.")
        } error: {
            throttled($0, shouldRetry: nil, after: 2)
        },
    ]

    private static func throttled(_ refusal: RefusalFacts, shouldRetry: Bool?, after: Int) -> APIError {
        APIError(
            status: 429,
            message: refusal.message,
            type: "rate_limit_error",
            code: "rate_limit_exceeded",
            shouldRetry: shouldRetry,
            retryAfter: after
        )
    }

    // MARK: Upstream's own failures

    private static let failures: [Row] = [
        // The model may have worked all the time, and be paid for it.
        Row {
            switch $0.code {
            case "requesttimeout", "responsetimeout", "internalerror.timeout", "gatewaytimeout": true
            default: $0.status == 408 || $0.status == 504
            }
        } error: {
            APIError(status: 504, message: $0.message, type: "timeout_error", code: "timeout")
        },
        Row(retry: .repeatedly) {
            switch $0.code {
            case "modelunavailable", "serviceunavailable", "modelservingerror": true
            default: $0.status == 503
            }
        } error: {
            APIError(
                status: 503,
                message: $0.message,
                type: "server_error",
                code: "service_unavailable",
                shouldRetry: true
            )
        },
        // Statuses the reference has no row for, such as 409 and 415: the request is at fault and stays so.
        Row {
            guard let status = $0.status else { return false }
            return status >= 400 && status < 500
        } error: {
            APIError(
                status: $0.status ?? 400,
                message: $0.message,
                type: "invalid_request_error",
                code: "invalid_request",
                shouldRetry: $0.status == 409 ? false : nil
            )
        },
        Row(retry: .repeatedly) {
            switch $0.code {
            case "internalerror", "systemerror", "modelservicefailed": true
            default: false
            }
        } error: {
            serverError($0)
        },
        // May hide a fault of the input, or come from a step behind the model.
        Row(retry: .once) {
            switch $0.code {
            case "internalerror.algo", "invokepluginfailed", "appprocessfailed", "rewritefailed", "retrievalfailed":
                true
            default: false
            }
        } error: {
            serverError($0)
        },
        // The outcome is unknown, or the result could not be stored: it may have been charged.
        Row(matches: { _ in true }, error: serverError),
    ]

    private static func serverError(_ refusal: RefusalFacts) -> APIError {
        APIError(
            status: refusal.status == 502 ? 502 : 500,
            message: refusal.message,
            type: "server_error",
            code: "internal_error"
        )
    }
}
