import APITranslation
import Upstream

extension APIError {
    /// What a client is told when upstream gave no complete answer; the detail is for the log only.
    init(_ error: UpstreamError) {
        switch error.code {
        case .unreachable:
            self.init(
                status: 502,
                message: "DashScope could not be reached.",
                type: "api_error",
                code: "upstream_unreachable",
                origin: .upstream
            )
        case .connectTimeout:
            self.init(
                status: 504,
                message: "DashScope could not be reached in time.",
                type: "timeout_error",
                code: "timeout",
                origin: .upstream
            )
        case .connectionClosed:
            self.init(
                status: 502,
                message: "DashScope closed the connection before the answer was complete.",
                type: "api_error",
                code: "upstream_closed",
                origin: .upstream
            )
        case .invalidResponse:
            self.init(
                status: 502,
                message: "DashScope's answer is not valid HTTP.",
                type: "api_error",
                code: "upstream_invalid_response",
                origin: .upstream
            )
        case .poolExhausted:
            self.init(
                status: 503,
                message: "Too many calls to DashScope are waiting. Try again shortly.",
                type: "server_error",
                code: "overloaded",
                origin: .gateway,
                retryAfter: 1
            )
        }
    }
}
