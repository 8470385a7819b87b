package import NIOCore

/// The counters of one event loop; no other thread changes them.
///
/// Each loop keeps the series it uses, looked up when they are first used, and counts in cells of its own: nothing
/// that loops share is written to.
package final class LoopMetrics {
    private let metrics: GatewayMetrics
    private let labels: MetricLabels
    private let factory: PrometheusMetricsFactory
    private let slot: Int
    private let codeIndexes = MetricLabels.codeIndexes

    /// By route, then by method and status; empty until the route is used.
    private var requests: [[CounterSeries?]]
    private var requestDurations: [HistogramSeries?]
    /// By operation, then by status or error word.
    private var upstreamRequests: [CounterSeries?]
    private var upstreamDurations: [HistogramSeries?]
    private var upstreamAttempts: [CounterSeries?]
    private var retries: [CounterSeries?]
    private var firstTokens: [HistogramSeries?]
    private var outputTokens: [HistogramSeries?]
    /// By model, then by type.
    private var tokens: [CounterSeries?]
    private var adjustments: [CounterSeries?]
    /// By code, then by origin.
    private var errors: [CounterSeries?]
    /// By scope, then by kind.
    private var limits: [CounterSeries?]
    private let clientDisconnects: CounterSeries
    private let lag: HistogramSeries

    private enum TokenType: String, CaseIterable {
        case input, output, cached, reasoning

        @inline(__always)
        var index: Int {
            switch self {
            case .input: 0
            case .output: 1
            case .cached: 2
            case .reasoning: 3
            }
        }
    }

    init(_ metrics: GatewayMetrics) {
        self.metrics = metrics
        labels = metrics.labels
        factory = metrics.factory
        slot = factory.arena.slots.take()
        requests = Array(repeating: [], count: labels.routes.count)
        requestDurations = Array(repeating: nil, count: labels.routes.count)
        let outcomes = MetricLabels.codes.count + labels.upstreamErrors.count
        upstreamRequests = Array(repeating: nil, count: labels.operations.count * outcomes)
        upstreamDurations = Array(repeating: nil, count: labels.operations.count)
        upstreamAttempts = Array(repeating: nil, count: labels.operations.count)
        retries = Array(repeating: nil, count: labels.retryReasons.count)
        firstTokens = Array(repeating: nil, count: labels.models.count)
        outputTokens = Array(repeating: nil, count: labels.models.count)
        tokens = Array(repeating: nil, count: labels.models.count * TokenType.allCases.count)
        adjustments = Array(repeating: nil, count: labels.adjustments.count)
        errors = Array(repeating: nil, count: labels.errorCodes.count * MetricLabels.origins.count)
        limits = Array(repeating: nil, count: labels.limitScopes.count * labels.limitKinds.count)
        clientDisconnects = factory.keptCounter(.clientDisconnects)
        lag = factory.keptHistogram(.eventLoopLag)
    }

    /// A request's head is there; `record` must follow.
    package func requestBegan() { metrics.requestsBegan.increment(slot: slot) }

    /// A streamed answer has begun; `streamEnded` must follow.
    package func streamBegan() { metrics.streamsBegan.increment(slot: slot) }

    /// A streamed answer has ended, however it did.
    package func streamEnded() { metrics.streamsEnded.increment(slot: slot) }

    /// A timer of the loop ran this much later than planned.
    package func loopLagged(_ lag: TimeAmount) { self.lag.record(nanoseconds: lag.nanoseconds, slot: slot) }

    /// A request is sent upstream again; the reason is an index of `MetricLabels.retryReasons`.
    package func retried(reason: Int) {
        let reason = labels.retryReasons.clamp(reason)
        Self.add(1, &retries, reason, slot) {
            factory.keptCounter(.upstreamRetries, [("reason", labels.retryReasons.values[reason])])
        }
    }

    /// A limit refused a request; scope and kind are indexes of the sets in `MetricLabels`.
    package func rateLimited(scope: Int, kind: Int) {
        let scope = labels.limitScopes.clamp(scope)
        let kind = labels.limitKinds.clamp(kind)
        Self.add(1, &limits, scope * labels.limitKinds.count + kind, slot) {
            factory.keptCounter(
                .rateLimited,
                [("scope", labels.limitScopes.values[scope]), ("kind", labels.limitKinds.values[kind])]
            )
        }
    }

    /// A request has ended.
    package func record(_ observation: borrowing RequestObservation) {
        metrics.requestsEnded.increment(slot: slot)
        recordAnswer(observation)
        if let upstream = observation.upstream { record(upstream) }
        if let generation = observation.generation { record(generation) }
        if let failure = observation.failure { record(failure) }
        for adjustment in observation.adjustments { recordAdjustment(adjustment) }
        if observation.clientLeft { clientDisconnects.increment(slot: slot) }
    }

    @inline(__always)
    private func recordAnswer(_ observation: borrowing RequestObservation) {
        let route = labels.routes.clamp(observation.route)
        let method = observation.method.rawValue
        let code = codeIndex(observation.status)
        Self.record(observation.duration, &requestDurations, route, slot) {
            factory.keptHistogram(.httpDuration, [("route", labels.routes.values[route])])
        }
        if requests[route].isEmpty { prepareRoute(route) }
        Self.add(1, &requests[route], method * MetricLabels.codeCount + code, slot) {
            factory.keptCounter(
                .httpRequests,
                [
                    ("method", MetricLabels.methods.values[method]), ("route", labels.routes.values[route]),
                    ("code", MetricLabels.codes.values[code]),
                ]
            )
        }
    }

    @inline(never)
    private func prepareRoute(_ route: Int) {
        requests[route] = Array(repeating: nil, count: MetricLabels.methods.count * MetricLabels.codeCount)
    }

    private func record(_ upstream: RequestObservation.Upstream) {
        let operation = labels.operations.clamp(upstream.operation)
        Self.record(upstream.duration, &upstreamDurations, operation, slot) {
            factory.keptHistogram(.upstreamDuration, [("operation", labels.operations.values[operation])])
        }
        Self.add(upstream.attempts, &upstreamAttempts, operation, slot) {
            factory.keptCounter(.upstreamAttempts, [("operation", labels.operations.values[operation])])
        }
        let outcome: Int
        switch upstream.outcome {
        case .status(let status): outcome = codeIndex(status)
        case .error(let word): outcome = MetricLabels.codeCount + labels.upstreamErrors.clamp(word)
        }
        let index = operation * (MetricLabels.codeCount + labels.upstreamErrors.count) + outcome
        Self.add(1, &upstreamRequests, index, slot) {
            let word = outcome - MetricLabels.codeCount
            let code = word < 0 ? MetricLabels.codes.values[outcome] : labels.upstreamErrors.values[word]
            return factory.keptCounter(
                .upstreamRequests,
                [("operation", labels.operations.values[operation]), ("code", code)]
            )
        }
    }

    private func record(_ generation: RequestObservation.Generation) {
        let model = labels.models.clamp(generation.model)
        if let time = generation.timeToFirstToken {
            Self.record(time, &firstTokens, model, slot) {
                factory.keptHistogram(.timeToFirstToken, [("model", labels.models.values[model])])
            }
        }
        if let time = generation.timeAfterFirstToken, generation.outputTokens > 1 {
            let perToken = TimeAmount.nanoseconds(time.nanoseconds / Int64(generation.outputTokens - 1))
            Self.record(perToken, &outputTokens, model, slot) {
                factory.keptHistogram(.timePerOutputToken, [("model", labels.models.values[model])])
            }
        }
        addTokens(generation.inputTokens, .input, model)
        addTokens(generation.outputTokens, .output, model)
        addTokens(generation.cachedTokens, .cached, model)
        addTokens(generation.reasoningTokens, .reasoning, model)
    }

    @inline(__always)
    private func addTokens(_ count: Int, _ type: TokenType, _ model: Int) {
        guard count > 0 else { return }
        Self.add(count, &tokens, model * 4 + type.index, slot) {
            factory.keptCounter(.tokens, [("model", labels.models.values[model]), ("type", type.rawValue)])
        }
    }

    private func record(_ failure: RequestObservation.Failure) {
        let code = labels.errorCodes.clamp(failure.code)
        let origin = failure.origin.rawValue
        Self.add(1, &errors, code * MetricLabels.origins.count + origin, slot) {
            factory.keptCounter(
                .errors,
                [("code", labels.errorCodes.values[code]), ("origin", MetricLabels.origins.values[origin])]
            )
        }
    }

    private func recordAdjustment(_ index: Int) {
        let index = labels.adjustments.clamp(index)
        Self.add(1, &adjustments, index, slot) {
            factory.keptCounter(.adjustments, [("name", labels.adjustments.values[index])])
        }
    }

    @inline(__always)
    private func codeIndex(_ status: Int) -> Int {
        status >= 100 && status < 600 ? Int(codeIndexes[status - 100]) : MetricLabels.codeCount - 1
    }

    /// Counts with a series that is kept, or is made now.
    @inline(__always)
    private static func add(
        _ amount: Int,
        _ kept: inout [CounterSeries?],
        _ index: Int,
        _ slot: Int,
        make: () -> CounterSeries
    ) {
        if let series = kept[index] {
            series.increment(by: amount, slot: slot)
        } else {
            let series = make()
            series.increment(by: amount, slot: slot)
            kept[index] = series
        }
    }

    @inline(__always)
    private static func record(
        _ time: TimeAmount,
        _ kept: inout [HistogramSeries?],
        _ index: Int,
        _ slot: Int,
        make: () -> HistogramSeries
    ) {
        if let series = kept[index] {
            series.record(nanoseconds: time.nanoseconds, slot: slot)
        } else {
            let series = make()
            series.record(nanoseconds: time.nanoseconds, slot: slot)
            kept[index] = series
        }
    }
}
