import APITranslation
import AdmissionControl
import HTTPServing
import NIOCore

/// The pipeline's step for limits: lets a request pass, makes it wait for its turn, or refuses it with 429.
enum Admission {
    /// A request's tokens before anybody has counted them: a quarter of its bytes, up to this many.
    ///
    /// Inline media are bytes but hardly tokens. What was used settles it.
    private static let largestEstimate = 4096

    /// Takes the request's units; what has no limits costs one look.
    ///
    /// - Returns: the refusal where a limit is reached.
    static func take(for ticket: RequestTicket, now: NIODeadline) -> AdmissionRefusal? {
        let limits = ticket.settings.configuration.limits
        let outcome = ticket.core.admission.admit(
            caller: ticket.callerID,
            address: limits.address == GatewayConfiguration.Limit() ? nil : ticket.address,
            estimatedTokens: estimate(ticket.exchange.head.contentLength),
            now: now.nanoseconds
        )
        switch outcome {
        case .admitted(let permit):
            ticket.permit = permit
            ticket.rateLimits = permit.rateLimits
            return nil
        case .refused(let refusal):
            ticket.rateLimits = refusal.rateLimits
            return refusal
        }
    }

    static func estimate(_ length: Int?) -> Int {
        guard let length else { return largestEstimate }
        return min(max(1, length / 4), largestEstimate)
    }
}

extension AdmissionRefusal.Scope {
    /// Its place in `allCases`, for metrics.
    var index: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

extension AdmissionRefusal.Limit {
    /// Its place in `allCases`, for metrics.
    var index: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

extension APIError {
    /// The 429 of a limit of the gateway's own.
    init(_ refusal: AdmissionRefusal, _ limits: GatewayConfiguration.Limits) {
        let (whose, scope) =
            switch refusal.scope {
            case .caller: ("this API key", limits.caller)
            case .address: ("this address", limits.address)
            case .overall: ("this gateway", limits.overall)
            }
        let (number, unit) =
            switch refusal.limit {
            case .requests: (scope.requestsPerMinute, ("request", "a minute"))
            case .concurrency: (scope.concurrentRequests, ("request", "at the same time"))
            case .tokens: (scope.tokensPerMinute, ("token", "a minute"))
            }
        // A reload may have taken the limit away meanwhile.
        let many = "\(unit.0)s \(unit.1)"
        let what = number.map { $0 == 1 ? "1 \(unit.0) \(unit.1)" : "\($0) \(many)" } ?? many
        self.init(
            status: 429,
            message: "Rate limit reached for \(whose): \(what). Try again in \(refusal.retryAfterSeconds) s.",
            type: refusal.limit == .tokens ? "tokens" : "requests",
            code: "rate_limit_exceeded",
            origin: .gateway,
            shouldRetry: true,
            retryAfter: refusal.retryAfterSeconds
        )
    }
}
