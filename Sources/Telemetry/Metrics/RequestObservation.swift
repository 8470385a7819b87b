package import NIOCore

/// The counts of one request that has ended; indexes are of the sets in `MetricLabels`.
package struct RequestObservation: Sendable {
    package enum Method: Int, Sendable {
        case get, post, head, options, put, delete, patch, other

        package init(_ name: String) {
            switch name {
            case "POST": self = .post
            case "GET": self = .get
            case "HEAD": self = .head
            case "OPTIONS": self = .options
            case "PUT": self = .put
            case "DELETE": self = .delete
            case "PATCH": self = .patch
            default: self = .other
            }
        }
    }

    /// Who is at fault for an error.
    package enum Origin: Int, Sendable {
        case client, gateway, upstream
    }

    /// How the upstream request ended.
    package enum UpstreamOutcome: Sendable {
        case status(Int)
        /// An index of `MetricLabels.upstreamErrors`.
        case error(Int)
    }

    /// The counts of the call to DashScope.
    package struct Upstream: Sendable {
        /// An index of `MetricLabels.operations`.
        package var operation: Int
        package var outcome: UpstreamOutcome
        /// From the first attempt to the end of the last one.
        package var duration: TimeAmount
        package var attempts: Int

        package init(operation: Int, outcome: UpstreamOutcome, duration: TimeAmount, attempts: Int = 1) {
            self.operation = operation
            self.outcome = outcome
            self.duration = duration
            self.attempts = attempts
        }
    }

    /// The counts of the model's answer.
    package struct Generation: Sendable {
        /// An index of `MetricLabels.models`.
        package var model: Int
        /// From the request's head to the first token; nil where it was not seen.
        package var timeToFirstToken: TimeAmount?
        /// From the first token to the last; nil where it was not seen.
        package var timeAfterFirstToken: TimeAmount?
        package var inputTokens: Int
        package var outputTokens: Int
        /// Part of the input.
        package var cachedTokens: Int
        /// Part of the output.
        package var reasoningTokens: Int

        package init(
            model: Int,
            timeToFirstToken: TimeAmount? = nil,
            timeAfterFirstToken: TimeAmount? = nil,
            inputTokens: Int = 0,
            outputTokens: Int = 0,
            cachedTokens: Int = 0,
            reasoningTokens: Int = 0
        ) {
            self.model = model
            self.timeToFirstToken = timeToFirstToken
            self.timeAfterFirstToken = timeAfterFirstToken
            self.inputTokens = inputTokens
            self.outputTokens = outputTokens
            self.cachedTokens = cachedTokens
            self.reasoningTokens = reasoningTokens
        }
    }

    /// The counts of an error.
    package struct Failure: Sendable {
        /// An index of `MetricLabels.errorCodes`.
        package var code: Int
        package var origin: Origin

        package init(code: Int, origin: Origin) {
            self.code = code
            self.origin = origin
        }
    }

    /// An index of `MetricLabels.routes`.
    package var route: Int
    package var method: Method
    package var status: Int
    package var duration: TimeAmount
    package var upstream: Upstream?
    package var generation: Generation?
    package var failure: Failure?
    /// Indexes of `MetricLabels.adjustments`.
    package var adjustments: [Int]
    /// The client left before the answer was complete.
    package var clientLeft: Bool

    package init(
        route: Int,
        method: Method,
        status: Int,
        duration: TimeAmount,
        upstream: Upstream? = nil,
        generation: Generation? = nil,
        failure: Failure? = nil,
        adjustments: [Int] = [],
        clientLeft: Bool = false
    ) {
        self.route = route
        self.method = method
        self.status = status
        self.duration = duration
        self.upstream = upstream
        self.generation = generation
        self.failure = failure
        self.adjustments = adjustments
        self.clientLeft = clientLeft
    }
}
