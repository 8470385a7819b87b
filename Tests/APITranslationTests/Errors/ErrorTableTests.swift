import Testing

@testable import APITranslation

/// One case for each row of the published mapping, and for each message fragment that names a field.
struct ErrorTableTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var status: Int?
        var code: String
        var message = "m"
        var out: Int
        var type: String
        var outCode: String?
        var param: String?
        var retry: Bool?

        var testDescription: String { "\(code) \(message)" }
    }

    static let rows: [Case] = [
        Case(status: 401, code: "InvalidApiKey", out: 401, type: "authentication_error", outCode: "invalid_api_key"),
        Case(status: nil, code: "invalid_api_key", out: 401, type: "authentication_error", outCode: "invalid_api_key"),
        Case(status: 401, code: "NOT AUTHORIZED", out: 401, type: "authentication_error", outCode: "invalid_api_key"),
        Case(
            status: 400,
            code: "Arrearage",
            out: 429,
            type: "insufficient_quota",
            outCode: "insufficient_quota",
            retry: false
        ),
        Case(
            status: 429,
            code: "PrepaidBillOverdue",
            out: 429,
            type: "insufficient_quota",
            outCode: "insufficient_quota",
            retry: false
        ),
        Case(
            status: 429,
            code: "PostpaidBillOverdue",
            out: 429,
            type: "insufficient_quota",
            outCode: "insufficient_quota",
            retry: false
        ),
        Case(
            status: 429,
            code: "CommodityNotPurchased",
            out: 429,
            type: "insufficient_quota",
            outCode: "insufficient_quota",
            retry: false
        ),
        Case(
            status: 403,
            code: "AllocationQuota.FreeTierOnly",
            out: 429,
            type: "insufficient_quota",
            outCode: "insufficient_quota",
            retry: false
        ),
        Case(
            status: 429,
            code: "Throttling.AllocationQuota",
            message: "Free allocated quota exceeded.",
            out: 429,
            type: "insufficient_quota",
            outCode: "insufficient_quota",
            retry: false
        ),
        Case(status: 403, code: "AccessDenied", out: 403, type: "permission_error", outCode: "access_denied"),
        Case(status: 403, code: "Model.AccessDenied", out: 403, type: "permission_error", outCode: "access_denied"),
        Case(status: 403, code: "Whatever", out: 403, type: "permission_error", outCode: "access_denied"),
        Case(
            status: 404,
            code: "ModelNotFound",
            out: 404,
            type: "invalid_request_error",
            outCode: "model_not_found",
            param: "model"
        ),
        Case(
            status: 400,
            code: "InvalidParameter",
            message: "Model not exist.",
            out: 404,
            type: "invalid_request_error",
            outCode: "model_not_found",
            param: "model"
        ),
        Case(
            status: 404,
            code: "WorkSpaceNotFound",
            out: 404,
            type: "invalid_request_error",
            outCode: "not_found"
        ),
        Case(
            status: 400,
            code: "DataInspectionFailed",
            out: 400,
            type: "invalid_request_error",
            outCode: "content_filter"
        ),
        Case(
            status: nil,
            code: "data_inspection_failed",
            out: 400,
            type: "invalid_request_error",
            outCode: "content_filter"
        ),
        Case(
            status: 400,
            code: "InvalidParameter",
            message: "url error, please check url！",
            out: 404,
            type: "invalid_request_error",
            outCode: "model_not_found",
            param: "model"
        ),
        Case(
            status: 400,
            code: "InvalidParameter",
            message: "Range of input length should be [1, 129024]",
            out: 400,
            type: "invalid_request_error",
            outCode: "context_length_exceeded",
            param: "messages"
        ),
        Case(
            status: 400,
            code: "BadRequest.TooLarge",
            out: 413,
            type: "invalid_request_error",
            outCode: "request_too_large"
        ),
        Case(
            status: 429,
            code: "Throttling.RateQuota",
            out: 429,
            type: "rate_limit_error",
            outCode: "rate_limit_exceeded",
            retry: true
        ),
        Case(
            status: 429,
            code: "limit_burst_rate",
            out: 429,
            type: "rate_limit_error",
            outCode: "rate_limit_exceeded",
            retry: true
        ),
        Case(
            status: 429,
            code: "insufficient_quota",
            message: "Allocated quota exceeded",
            out: 429,
            type: "rate_limit_error",
            outCode: "rate_limit_exceeded",
            retry: true
        ),
        Case(status: 500, code: "RequestTimeOut", out: 504, type: "timeout_error", outCode: "timeout"),
        Case(
            status: 503,
            code: "ModelUnavailable",
            out: 503,
            type: "server_error",
            outCode: "service_unavailable",
            retry: true
        ),
        Case(
            status: 500,
            code: "ModelServingError",
            out: 503,
            type: "server_error",
            outCode: "service_unavailable",
            retry: true
        ),
        Case(status: 500, code: "InternalError", out: 500, type: "server_error", outCode: "internal_error"),
        Case(status: 500, code: "NobodyKnows", out: 500, type: "server_error", outCode: "internal_error"),
        Case(
            status: 400,
            code: "InvalidParameter",
            message: "Range of max_tokens should be [1, 8192]",
            out: 400,
            type: "invalid_request_error",
            outCode: "invalid_value",
            param: "max_tokens"
        ),
        Case(
            status: 400,
            code: "InvalidParameter",
            message: "Temperature should be in [0.0, 2.0)",
            out: 400,
            type: "invalid_request_error",
            outCode: "invalid_value",
            param: "temperature"
        ),
        Case(
            status: 400,
            code: "InvalidParameter",
            message: "Range of top_p should be (0.0, 1.0]",
            out: 400,
            type: "invalid_request_error",
            outCode: "invalid_value",
            param: "top_p"
        ),
        Case(
            status: 400,
            code: "InvalidParameter",
            message: "Range of n should be [1, 4]",
            out: 400,
            type: "invalid_request_error",
            outCode: "invalid_value",
            param: "n"
        ),
        Case(
            status: 400,
            code: "InvalidParameter",
            message: "tool_choice is one of the strings that should be [\"none\", \"auto\"]",
            out: 400,
            type: "invalid_request_error",
            outCode: "invalid_value",
            param: "tool_choice"
        ),
    ]

    @Test(arguments: rows) func everyRowIsMapped(row: Case) {
        let error = ErrorTable.map(status: row.status, code: row.code, message: row.message, requestID: "r-1")
        #expect(error.status == row.out)
        #expect(error.type == row.type)
        #expect(error.code == row.outCode)
        #expect(error.param == row.param)
        if let retry = row.retry { #expect(error.shouldRetry == retry) }
        #expect(error.requestID == "r-1")
        #expect(error.origin == .upstream)
    }

    @Test func thePrefixOfTheAlgorithmLayerIsTakenOff() {
        let error = ErrorTable.map(
            status: 500,
            code: "InternalError.Algo",
            message: "<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 100]",
            requestID: nil
        )
        #expect(error.status == 400)
        #expect(error.code == "context_length_exceeded")
        #expect(
            error.message
                == "Input tokens exceed the configured limit of 100 tokens. Range of input length should be [1, 100]"
        )
    }

    @Test(arguments: [
        ("Range of input length should be [1, 129024]", "Input tokens exceed the configured limit of 129024 tokens. "),
        ("The input is too long", "Input tokens exceed the configured limit of the model. "),
    ])
    func tooLongAnInputIsSaidInTheWordsThatClientsLookFor(message: String, beginning: String) {
        let error = ErrorTable.map(status: 400, code: "InvalidInputLength", message: message, requestID: nil)
        #expect(error.message == beginning + message)
        #expect(error.code == "context_length_exceeded")
        #expect(error.param == "messages")
    }

    @Test(
        arguments: [
            ("<400> InternalError.Algo.InvalidParameter: Range of max_tokens should be [1, 8192]", 8192),
            ("temperature should be in [0.0, 2.0)", nil),
        ] as [(String, Int?)]
    )
    func theLargestAnswerIsLearnedFromARefusal(message: String, limit: Int?) {
        let error = ErrorTable.map(status: 400, code: "InvalidParameter", message: message, requestID: nil)
        #expect(error.outputLimit == limit)
    }

    @Test func aLinkThatCannotBeReadHasAnAddress() {
        let error = ErrorTable.map(
            status: 400,
            code: "InvalidParameter",
            message: "The provided URL does not appear to be valid. Ensure it is correctly formatted.",
            requestID: nil
        )
        #expect(error.param == "messages")
        #expect(error.code == "invalid_image_url")
    }

    @Test func theWrongPathIsRecognised() {
        #expect(
            ErrorTable.map(
                status: 400,
                code: "InvalidParameter",
                message: "url error, please check url！",
                requestID: nil
            ).disposition.isWrongPath
        )
        let other = ErrorTable.map(status: 400, code: "InvalidParameter", message: "other", requestID: nil)
        #expect(!other.disposition.isWrongPath)
    }

    /// What the reference says of each code; where it says yes to work that may have run to its end, we say no.
    static let advice: [(status: Int?, code: String, retry: RetryAdvice)] = [
        (401, "InvalidApiKey", .never), (400, "Arrearage", .never), (429, "PrepaidBillOverdue", .never),
        (403, "AccessDenied", .never), (404, "ModelNotFound", .never), (404, "NotFound", .never),
        (400, "DataInspectionFailed", .never), (400, "InvalidParameter", .never),
        (400, "InternalError.Algo.InvalidParameter", .never), (400, "InvalidInputLength", .never),
        (400, "InvalidParameter.NotSupportEnableThinking", .never), (400, "BadRequest.TooLarge", .never),
        (400, "InvalidParameter.DataInspection", .once), (400, "BadRequest.InputDownloadFailed", .once),
        (400, "InvalidURL.ConnectionRefused", .once), (nil, "InvalidURL.Timeout", .once),
        (400, "InvalidURL", .never), (400, "InvalidFile.Size", .never), (400, "ServiceUnavailableError", .never),
        (400, "APIConnectionError", .repeatedly), (400, "BadRequest.EmptyInput", .never),
        (429, "Throttling", .once), (429, "Throttling.RateQuota", .once), (nil, "limit_requests", .once),
        (429, "Throttling.BurstRate", .onceLater), (429, "limit_burst_rate", .onceLater),
        (429, "Throttling.AllocationQuota", .once), (429, "insufficient_quota", .once),
        (400, "Throttling.AllocationQuota", .never), (429, "Throttling.BudgetLimitExceeded", .never),
        (429, "Throttling.ServiceOverloaded", .once), (429, "", .once),
        (500, "InternalError", .repeatedly), (nil, "internal_error", .repeatedly), (500, "SystemError", .repeatedly),
        (500, "ModelServiceFailed", .repeatedly), (500, "InternalError.Algo", .once),
        (500, "InvokePluginFailed", .once), (500, "RetrievalFailed", .once), (500, "InternalError.Upload", .never),
        (500, "InternalError.Timeout", .never), (500, "RequestTimeOut", .never), (408, "RequestTimeOut", .never),
        (500, "ResponseTimeout", .never), (504, "GatewayTimeout", .never), (504, "", .never),
        (500, "ModelServingError", .repeatedly), (503, "ModelUnavailable", .repeatedly),
        (503, "ServiceUnavailable", .repeatedly), (503, "", .repeatedly), (502, "", .never), (500, "", .never),
        (500, "NobodyKnows", .never), (409, "Conflict", .never), (415, "", .never),
    ]

    @Test(arguments: advice) func everyRowSaysWhetherToRepeat(status: Int?, code: String, retry: RetryAdvice) {
        #expect(ErrorTable.map(status: status, code: code, message: "m", requestID: nil).disposition.retry == retry)
    }

    @Test func anEmptyAccountIsNotAskedAgain() {
        let error = ErrorTable.map(
            status: 429,
            code: "Throttling.AllocationQuota",
            message: "Free allocated quota exceeded.",
            requestID: nil
        )
        #expect(error.disposition.retry == .never)
    }
}
