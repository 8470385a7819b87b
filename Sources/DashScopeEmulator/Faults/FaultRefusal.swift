/// Refusals that are asked for by name, with the texts of the error catalogue.
enum FaultRefusal {
    private static let byName: [String: Refusal] = [
        "throttled": catalogued(status: 429, code: "Throttling.RateQuota"),
        "throttled-tokens": catalogued(status: 429, code: "Throttling.AllocationQuota"),
        "arrearage": catalogued(status: 400, code: "Arrearage"),
        "moderated": catalogued(status: 400, code: "DataInspectionFailed"),
        "500": catalogued(status: 500, code: "InternalError"),
        "503": catalogued(status: 503, code: "ModelUnavailable"),
        "context-too-long": .algorithm("Range of input length should be [1, 129024]"),
        "unknown-model": .unknownModel,
        "access-denied": catalogued(status: 403, code: "AccessDenied"),
        "url-error": .wrongPath,
    ]

    private static let messages: [String: String] = [
        "Throttling": "Requests throttling triggered.",
        "Throttling.RateQuota": "Requests rate limit exceeded, please try again later.",
        "LimitRequests": "You exceeded your current requests list.",
        "Throttling.BurstRate": "Request rate increased too quickly. Please adjust your client logic.",
        "Throttling.AllocationQuota": "Allocated quota exceeded, please increase your quota limit.",
        "AllocationQuota.FreeTierOnly": "The free tier of the model has been exhausted.",
        "Arrearage": "Access denied, please make sure your account is in good standing.",
        "DataInspectionFailed": "Input data may contain inappropriate content.",
        "InternalError": "An internal error has occured, please try again later or contact service support.",
        "InternalError.Algo": "inference internal error",
        "ModelUnavailable": "Model is unavailable, please try again later.",
        "ModelServingError":
            "Too many requests. Your requests are being throttled due to system capacity limits.",
        "RequestTimeOut": "Request timed out, please try again later.",
        "AccessDenied": "Access denied.",
        "AccessDenied.Unpurchased": "Access to model denied. Please make sure you are eligible for using the model.",
        "ModelNotFound": "Model can not be found.",
        "InvalidApiKey": "Invalid API-key provided.",
        "InvalidURL": "The provided URL does not appear to be valid. Ensure it is correctly formatted.",
    ]

    static func named(_ name: String) -> Refusal? { byName[name] }

    /// A refusal with any status and code of the catalogue.
    static func catalogued(status: Int, code: String) -> Refusal {
        Refusal(status: status, code: code, message: messages[code] ?? "The emulator was asked for \(code).")
    }
}
