import APITranslation
import AdmissionControl
import HTTPServing
import NIOCore
import NIOHTTP1
import Telemetry

/// Counts the figures of a request that has ended and writes its record.
enum RequestRecorder {
    /// Counts a request that has ended, writes its record and ends its span.
    static func record(_ ticket: RequestTicket, timestamp: TimestampText) {
        guard let (facts, end) = ticket.takeEnding() else { return }
        let status = facts.status ?? ticket.exchange.status
        count(ticket, facts, status: status, now: end)
        let log = ticket.settings.configuration.log
        let accessLog = ticket.core.accessLog
        var isLogged =
            log.requests && (log.healthChecks || !ticket.route.isHealthCheck)
            && accessLog?.keeps(status: status) == true
        let isSampled = log.sampling > 1 && status < 400 && facts.error == nil
        if isLogged, isSampled { isLogged = ticket.loop.takesSample(ofEvery: log.sampling) }
        guard isLogged || ticket.span != nil else { return }
        var record = makeRecord(ticket, facts, status: status, now: end)
        record.characters = facts.usage?.characters
        if isSampled { record.sampling = log.sampling }
        if isLogged { accessLog?.write(record, timestamp: timestamp) }
        ticket.span?.end(record, responseID: facts.upstreamRequestID)
    }

    // MARK: - Log

    private static func makeRecord(
        _ ticket: RequestTicket,
        _ facts: RequestTicket.Facts,
        status: Int,
        now: NIODeadline
    ) -> AccessRecord {
        let exchange = ticket.exchange
        return AccessRecord(
            requestID: ticket.requestID,
            trace: ticket.trace,
            method: exchange.head.method.rawValue,
            route: ticket.route.pattern,
            path: ticket.unknownPath,
            clientRequestID: ticket.clientRequestID,
            status: status,
            duration: now - exchange.started,
            timeToFirstByte: facts.firstByte.map { $0 - exchange.started },
            timeToFirstToken: facts.firstChunk.map { $0 - exchange.started },
            upstreamDuration: facts.calls.lastAttempt?.duration,
            model: facts.model,
            inputTokens: facts.usage?.input,
            outputTokens: facts.usage?.output,
            cachedTokens: facts.usage?.cached,
            reasoningTokens: facts.usage?.reasoning,
            isStreamed: facts.isStreamed,
            clientAddress: ticket.clientText,
            keyID: ticket.callerID?.value,
            httpVersion: exchange.httpVersion.major == 2 ? "2" : exchange.httpVersion.minor == 0 ? "1.0" : "1.1",
            listener: exchange.role == .public ? nil : exchange.role.description,
            upstreamRequestID: facts.upstreamRequestID,
            adjustments: facts.adjustments.texts,
            errorCode: facts.error?.label,
            errorOrigin: facts.error?.origin.rawValue,
            errorDetail: facts.detail,
            attempts: facts.calls.attempts,
            bytesSent: exchange.bytesSent
        )
    }

    // MARK: - Metrics

    private static func count(
        _ ticket: RequestTicket,
        _ facts: RequestTicket.Facts,
        status: Int,
        now: NIODeadline
    ) {
        let exchange = ticket.exchange
        let labels = ticket.core.metrics.labels
        var observation = RequestObservation(
            route: ticket.route.index,
            method: RequestObservation.Method(exchange.head.method.rawValue),
            status: status,
            duration: now - exchange.started,
            clientLeft: status == 499
        )
        if let attempt = facts.calls.lastAttempt {
            observation.upstream = RequestObservation.Upstream(
                operation: attempt.operation.index,
                outcome: outcome(facts, labels),
                duration: facts.calls.earlierAttempts.reduce(attempt.duration) { $0 + $1.duration },
                attempts: facts.calls.attempts
            )
        }
        for reason in facts.calls.retryReasons {
            ticket.loop.metrics.retried(reason: labels.retryReasons.index(of: reason))
        }
        if facts.isStreamed, exchange.status == 200 { ticket.loop.metrics.streamEnded() }
        if let model = facts.model {
            var generation = RequestObservation.Generation(model: labels.models.index(of: model))
            if let first = facts.firstChunk {
                generation.timeToFirstToken = first - exchange.started
                generation.timeAfterFirstToken = now - first
            }
            if let usage = facts.usage {
                generation.inputTokens = usage.input
                generation.outputTokens = usage.output
                generation.cachedTokens = usage.cached
                generation.reasoningTokens = usage.reasoning
            }
            observation.generation = generation
        }
        if let error = facts.error {
            observation.failure = RequestObservation.Failure(
                code: labels.errorCodes.index(of: error.label),
                origin: RequestObservation.Origin(error.origin)
            )
        }
        if !facts.adjustments.isEmpty {
            observation.adjustments = facts.adjustments.entries.map { labels.adjustments.index(ofPath: $0.name) }
        }
        ticket.loop.metrics.record(observation)
    }

    private static func outcome(
        _ facts: RequestTicket.Facts,
        _ labels: MetricLabels
    ) -> RequestObservation.UpstreamOutcome {
        if let status = facts.calls.upstreamStatus { return .status(status) }
        return .error(labels.upstreamErrors.index(of: facts.calls.upstreamError ?? "canceled"))
    }
}

extension RequestObservation.Origin {
    init(_ origin: APIError.Origin) {
        switch origin {
        case .client: self = .client
        case .gateway: self = .gateway
        case .upstream: self = .upstream
        }
    }
}

extension DashScopeOperation {
    /// Its place in `allCases`, for metrics.
    var index: Int {
        switch self {
        case .textGeneration: 0
        case .multimodalGeneration: 1
        case .textEmbedding: 2
        case .multimodalEmbedding: 3
        case .rerank: 4
        case .application: 5
        case .textToImage: 6
        case .imageToImage: 7
        case .imageGeneration: 8
        case .outPainting: 9
        case .fileTranscription: 10
        case .videoSynthesis: 11
        case .imageToVideo: 12
        case .speechSynthesis: 13
        case .speechTask: 14
        case .speechRealtime: 15
        case .files: 16
        case .batches: 17
        }
    }
}
