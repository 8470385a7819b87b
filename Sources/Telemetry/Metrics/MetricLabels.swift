/// The closed sets of words that the gateway's metrics use as labels.
package final class MetricLabels: Sendable {
    /// Patterns of routes, not paths.
    package let routes: ClosedLabels
    /// Catalogued models; a series is made when one is used.
    package let models: ClosedLabels
    /// DashScope's APIs.
    package let operations: ClosedLabels
    /// Names of repaired fields.
    package let adjustments: ClosedLabels
    /// Codes of the errors that clients get.
    package let errorCodes: ClosedLabels
    /// The reasons why an upstream request got no status.
    package let upstreamErrors: ClosedLabels
    /// Why a request was sent upstream again.
    package let retryReasons: ClosedLabels
    /// Whose limit it was.
    package let limitScopes: ClosedLabels
    /// The kinds of limits.
    package let limitKinds: ClosedLabels

    package init(
        routes: [String],
        models: [String],
        operations: [String],
        adjustments: [String],
        errorCodes: [String],
        upstreamErrors: [String] = MetricLabels.upstreamErrors,
        retryReasons: [String] = MetricLabels.retryReasons,
        limitScopes: [String] = MetricLabels.limitScopes,
        limitKinds: [String] = MetricLabels.limitKinds
    ) {
        self.routes = ClosedLabels(routes)
        self.models = ClosedLabels(models)
        self.operations = ClosedLabels(operations)
        self.adjustments = ClosedLabels(adjustments)
        self.errorCodes = ClosedLabels(errorCodes)
        self.upstreamErrors = ClosedLabels(upstreamErrors)
        self.retryReasons = ClosedLabels(retryReasons)
        self.limitScopes = ClosedLabels(limitScopes)
        self.limitKinds = ClosedLabels(limitKinds)
    }

    /// Words for `code` where upstream gave no status.
    package static let upstreamErrors = [
        "connect_error", "tls_error", "timeout", "closed", "invalid_response", "canceled", "circuit_open", "pool_full",
        "no_resources",
    ]
    /// Words for `reason` of a retry.
    package static let retryReasons = [
        "connect_error", "closed", "throttled", "unavailable", "timeout", "wrong_path",
    ]
    /// Words for `scope` of a limit.
    package static let limitScopes = ["caller", "address", "overall"]
    /// Words for `kind` of a limit.
    package static let limitKinds = ["requests", "tokens", "concurrency"]

    /// Methods of requests.
    static let methods = ClosedLabels(["GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"])
    /// Statuses of answers; 101 is a session over WebSocket that was opened, 499 is a client that left before there was one.
    static let statuses: [Int] = [
        101, 200, 201, 202, 204, 206, 301, 302, 304, 307, 308, 400, 401, 402, 403, 404, 405, 406, 408, 409, 410, 411,
        412,
        413,
        414, 415, 416, 417, 421, 422, 424, 426, 428, 429, 431, 499, 500, 501, 502, 503, 504, 505, 529,
    ]
    static let codes = ClosedLabels(statuses.map(String.init))
    /// By status less 100: the index of its code.
    static let codeIndexes: [UInt8] = (100..<600).map { UInt8(codes.index(of: String($0))) }
    /// How many codes there are, `other` included.
    static let codeCount = codes.count
    static let origins = ClosedLabels(["client", "gateway", "upstream"])
}
