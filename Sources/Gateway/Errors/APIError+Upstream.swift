import APITranslation
import NIOCore
import Upstream

extension APIError {
    /// Adds which model may be meant, where upstream does not know one that the catalogue does not know either.
    mutating func explainUnknownModel(_ name: String, of catalog: ModelCatalog) {
        guard code == "model_not_found", !name.isEmpty, !catalog.resolve(name).isCatalogued else { return }
        if let near = NearestName.find(name, in: catalog.ids) {
            message += " Did you mean `\(near)`?"
        } else {
            message +=
                " The catalogue has no `\(name)`: GET /v1/models lists the models, and the operator names one for it under "
                + "`aliases` of the catalogue file."
        }
    }

    /// The error for a client when upstream gave no complete answer; the detail is for the log only.
    init(_ error: UpstreamError) {
        switch error.code {
        case .unreachable:
            self = .upstream(502, "DashScope could not be reached.", code: "upstream_unreachable")
        case .tlsFailed:
            self = .upstream(
                502,
                "DashScope could not be reached: its certificate or TLS version is not accepted.",
                code: "upstream_unreachable"
            )
        case .certificateOfAnotherHost:
            self = .upstream(
                502,
                "DashScope could not be reached: its certificate is for another host. "
                    + "The address may be wrong, or the connection may be intercepted.",
                code: "upstream_certificate"
            )
        case .connectTimeout:
            self = .upstream(504, "DashScope could not be reached in time.", type: "timeout_error", code: "timeout")
        case .proxyUnreachable:
            self = .upstream(502, "The proxy on the way to DashScope could not be reached.", code: "proxy_error")
        case .proxyAuthentication:
            self = .upstream(
                502,
                "The proxy on the way to DashScope asks for other credentials (status 407).",
                code: "proxy_authentication_required"
            )
        case .proxyRefused:
            self = .upstream(
                502,
                "The proxy on the way to DashScope refused the connection (\(error.detail)).",
                code: "proxy_error"
            )
        case .connectionClosed:
            self = .upstream(
                502,
                "DashScope closed the connection before the answer was complete.",
                code: "upstream_closed"
            )
        case .invalidResponse:
            self = .upstream(502, "DashScope's answer is not valid HTTP.", code: "upstream_invalid_response")
        case .poolExhausted:
            self.init(
                status: 503,
                message: "Too many calls to DashScope are waiting. Try again shortly.",
                type: "server_error",
                code: "overloaded",
                origin: .gateway,
                retryAfter: 1
            )
        case .noResources:
            self.init(
                status: 503,
                message: "The gateway is busy: it can open no further connection to DashScope. Try again shortly.",
                type: "server_error",
                code: "overloaded",
                origin: .gateway,
                shouldRetry: true,
                retryAfter: 1
            )
        case .circuitOpen:
            let seconds = max(1, ((error.retryAfter?.nanoseconds ?? 0) + 999_999_999) / 1_000_000_000)
            self.init(
                status: 503,
                message: "DashScope is not called at present, because the last calls failed "
                    + "(\(error.detail)). The next attempt is made in \(seconds) s.",
                type: "server_error",
                code: "upstream_unavailable",
                origin: .upstream,
                shouldRetry: true,
                retryAfter: Int(seconds)
            )
        }
        if error.isSafeToRepeat { disposition.retry = .repeatedly }
    }

    private static func upstream(
        _ status: Int,
        _ message: String,
        type: String = "api_error",
        code: String
    ) -> APIError {
        APIError(status: status, message: message, type: type, code: code, origin: .upstream)
    }
}
