import CoreMetrics
package import NIOCore

/// What one event loop counts with; never touched from another thread.
///
/// Each loop has handles of its own to the series it uses, made when they are first used: nothing that loops share is
/// written to when they count, not even reference counts.
package final class LoopMetrics {
    private struct Model {
        var timeToFirstToken: Timer?
        var timePerOutputToken: Timer?
        var input: Counter?
        var output: Counter?
        var cached: Counter?
        var reasoning: Counter?
    }

    private struct Operation {
        var duration: Timer
        var attempts: Counter
        /// By status, then by error word.
        var outcomes: [Counter?]
    }

    private struct Route {
        var duration: Timer
        /// By method, then by status; empty until the method is used.
        var requests: [[Counter?]]
    }

    private let metrics: GatewayMetrics
    private let labels: MetricLabels
    private let factory: PrometheusMetricsFactory
    private var routes: [Route?]
    private var operations: [Operation?]
    private var models: [Model]
    private var adjustments: [Counter?]
    private var errors: [Counter?]
    private var retries: [Counter?]
    private var limits: [Counter?]
    private let clientDisconnects: Counter
    private let lag: Timer

    init(_ metrics: GatewayMetrics) {
        self.metrics = metrics
        labels = metrics.labels
        factory = metrics.factory
        routes = Array(repeating: nil, count: labels.routes.count)
        operations = Array(repeating: nil, count: labels.operations.count)
        models = Array(repeating: Model(), count: labels.models.count)
        adjustments = Array(repeating: nil, count: labels.adjustments.count)
        errors = Array(repeating: nil, count: labels.errorCodes.count * MetricLabels.origins.count)
        retries = Array(repeating: nil, count: labels.retryReasons.count)
        limits = Array(repeating: nil, count: labels.limitScopes.count * labels.limitKinds.count)
        clientDisconnects = Counter(label: MetricDescription.clientDisconnects.name, factory: factory)
        lag = Timer(label: MetricDescription.eventLoopLag.name, factory: factory)
    }

    /// A request's head is there; `record` must follow.
    package func requestBegan() { metrics.requestsBegan.increment(by: 1 as Int64) }

    /// A streamed answer has begun; `streamEnded` must follow.
    package func streamBegan() { metrics.streamsBegan.increment(by: 1 as Int64) }

    /// A streamed answer has ended, however it did.
    package func streamEnded() { metrics.streamsEnded.increment(by: 1 as Int64) }

    /// A request is sent upstream again; the reason is an index of `MetricLabels.retryReasons`.
    package func retried(reason: Int) {
        let reason = labels.retryReasons.clamp(reason)
        Self.increment(&retries[reason]) {
            counter(.upstreamRetries, [("reason", labels.retryReasons.values[reason])])
        }
    }

    /// A limit refused a request; scope and kind are indexes of the sets in `MetricLabels`.
    package func rateLimited(scope: Int, kind: Int) {
        let scope = labels.limitScopes.clamp(scope)
        let kind = labels.limitKinds.clamp(kind)
        Self.increment(&limits[scope * labels.limitKinds.count + kind]) {
            counter(
                .rateLimited,
                [("scope", labels.limitScopes.values[scope]), ("kind", labels.limitKinds.values[kind])]
            )
        }
    }

    /// A timer of the loop ran this much later than planned.
    package func loopLagged(_ lag: TimeAmount) { self.lag.recordNanoseconds(lag.nanoseconds) }

    /// A request has ended.
    package func record(_ observation: borrowing RequestObservation) {
        metrics.requestsEnded.increment(by: 1 as Int64)
        let route = labels.routes.clamp(observation.route)
        if routes[route] == nil { routes[route] = makeRoute(route) }
        recordAnswer(observation, route)
        if let upstream = observation.upstream { record(upstream) }
        if let generation = observation.generation { record(generation) }
        if let failure = observation.failure { record(failure) }
        for adjustment in observation.adjustments { recordAdjustment(adjustment) }
        if observation.clientLeft { clientDisconnects.increment() }
    }

    @inline(__always)
    private func recordAnswer(_ observation: borrowing RequestObservation, _ route: Int) {
        routes[route]?.duration.recordNanoseconds(observation.duration.nanoseconds)
        let method = observation.method.rawValue
        let code = MetricLabels.codeIndex(observation.status)
        if let requests = routes[route]?.requests[method], !requests.isEmpty, let counter = requests[code] {
            counter.increment()
        } else {
            let counter = counter(
                .httpRequests,
                [
                    ("method", MetricLabels.methods.values[method]), ("route", labels.routes.values[route]),
                    ("code", MetricLabels.codes.values[code]),
                ]
            )
            counter.increment()
            if routes[route]?.requests[method].isEmpty == true {
                routes[route]?.requests[method] = Array(repeating: nil, count: MetricLabels.codes.count)
            }
            routes[route]?.requests[method][code] = counter
        }
    }

    private func record(_ upstream: RequestObservation.Upstream) {
        let index = labels.operations.clamp(upstream.operation)
        if operations[index] == nil { operations[index] = makeOperation(index) }
        operations[index]?.duration.recordNanoseconds(upstream.duration.nanoseconds)
        operations[index]?.attempts.increment(by: upstream.attempts)
        let outcome: Int
        switch upstream.outcome {
        case .status(let status): outcome = MetricLabels.codeIndex(status)
        case .error(let word): outcome = MetricLabels.codes.count + labels.upstreamErrors.clamp(word)
        }
        if let counter = operations[index]?.outcomes[outcome] {
            counter.increment()
            return
        }
        let codes = MetricLabels.codes
        let code =
            outcome < codes.count ? codes.values[outcome] : labels.upstreamErrors.values[outcome - codes.count]
        let counter = counter(.upstreamRequests, [("operation", labels.operations.values[index]), ("code", code)])
        counter.increment()
        operations[index]?.outcomes[outcome] = counter
    }

    private func record(_ generation: RequestObservation.Generation) {
        let index = labels.models.clamp(generation.model)
        if let time = generation.timeToFirstToken {
            Self.record(time.nanoseconds, &models[index].timeToFirstToken) { modelTimer(.timeToFirstToken, index) }
        }
        if let time = generation.timeAfterFirstToken, generation.outputTokens > 1 {
            let perToken = time.nanoseconds / Int64(generation.outputTokens - 1)
            Self.record(perToken, &models[index].timePerOutputToken) { modelTimer(.timePerOutputToken, index) }
        }
        if generation.inputTokens > 0 {
            Self.increment(&models[index].input, by: generation.inputTokens) { tokenCounter("input", index) }
        }
        if generation.outputTokens > 0 {
            Self.increment(&models[index].output, by: generation.outputTokens) { tokenCounter("output", index) }
        }
        if generation.cachedTokens > 0 {
            Self.increment(&models[index].cached, by: generation.cachedTokens) { tokenCounter("cached", index) }
        }
        if generation.reasoningTokens > 0 {
            Self.increment(&models[index].reasoning, by: generation.reasoningTokens) {
                tokenCounter("reasoning", index)
            }
        }
    }

    private func record(_ failure: RequestObservation.Failure) {
        let code = labels.errorCodes.clamp(failure.code)
        let origins = MetricLabels.origins
        Self.increment(&errors[code * origins.count + failure.origin.rawValue]) {
            counter(
                .errors,
                [("code", labels.errorCodes.values[code]), ("origin", origins.values[failure.origin.rawValue])]
            )
        }
    }

    private func recordAdjustment(_ index: Int) {
        let index = labels.adjustments.clamp(index)
        Self.increment(&adjustments[index]) { counter(.adjustments, [("name", labels.adjustments.values[index])]) }
    }

    @inline(__always)
    private static func increment(_ kept: inout Counter?, by amount: Int = 1, make: () -> Counter) {
        if let counter = kept {
            counter.increment(by: amount)
        } else {
            let counter = make()
            counter.increment(by: amount)
            kept = counter
        }
    }

    @inline(__always)
    private static func record(_ nanoseconds: Int64, _ kept: inout Timer?, make: () -> Timer) {
        if let timer = kept {
            timer.recordNanoseconds(nanoseconds)
        } else {
            let timer = make()
            timer.recordNanoseconds(nanoseconds)
            kept = timer
        }
    }

    private func makeRoute(_ index: Int) -> Route {
        let dimensions = [("route", labels.routes.values[index])]
        return Route(
            duration: Timer(label: MetricDescription.httpDuration.name, dimensions: dimensions, factory: factory),
            requests: Array(repeating: [], count: MetricLabels.methods.count)
        )
    }

    private func makeOperation(_ index: Int) -> Operation {
        let dimensions = [("operation", labels.operations.values[index])]
        return Operation(
            duration: Timer(label: MetricDescription.upstreamDuration.name, dimensions: dimensions, factory: factory),
            attempts: counter(.upstreamAttempts, dimensions),
            outcomes: Array(repeating: nil, count: MetricLabels.codes.count + labels.upstreamErrors.count)
        )
    }

    private func modelTimer(_ description: MetricDescription, _ index: Int) -> Timer {
        Timer(label: description.name, dimensions: [("model", labels.models.values[index])], factory: factory)
    }

    private func tokenCounter(_ type: String, _ index: Int) -> Counter {
        counter(.tokens, [("model", labels.models.values[index]), ("type", type)])
    }

    private func counter(_ description: MetricDescription, _ dimensions: [(String, String)]) -> Counter {
        Counter(label: description.name, dimensions: dimensions, factory: factory)
    }
}
