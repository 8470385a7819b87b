import APITranslation
import AdmissionControl
import HTTPServing
import Logging
import NIOCore
import Storage
import Synchronization
import Telemetry
import Upstream

/// The objects that all event loops share: settings of connections, admission, and the counters of the whole gateway.
final class GatewayCore: Sendable {
    let baseURL: UpstreamBaseURL
    let logger: Logger
    let accessLog: AccessLog?
    let logWriter: LogWriter?
    let metrics: GatewayMetrics
    let tracing = RequestTracing.bootstrapped()
    private let certificates: TLSContextStore?
    private let server = Mutex<HTTPServer?>(nil)
    let paths = PathMemory()
    let keyVerdicts = KeyVerdicts()
    let pollPacer = PollPacer()
    let taskAnswers = TaskAnswers()
    let upstreamHeads: UpstreamHeads
    let admission: AdmissionController
    /// Keeps responses; nil where the operator wants none kept.
    let store: ResponseStore?
    let background = BackgroundResponses()
    let repeats = RepeatedRequests()
    let uploads: UploadSessions
    let callerHash: KeyedHash
    let sealing: ContentSealing
    let phase = LifecyclePhase()
    private let current: Mutex<LiveSettings>
    private let loops: [ObjectIdentifier: NIOLoopBound<LoopContext>]
    private let openRequests = Atomic<Int>(0)

    /// Builds the shared parts; every event loop of the server must be in `loops`.
    init(
        settings: LiveSettings,
        upstream: UpstreamConfiguration,
        baseURL: UpstreamBaseURL,
        loops eventLoops: [any EventLoop],
        environment: [String: String],
        certificates: TLSContextStore?,
        logger: Logger,
        threshold: LogThreshold,
        accessLog: LogWriter?
    ) async throws {
        let configuration = settings.configuration
        self.baseURL = baseURL
        self.logger = logger
        self.certificates = certificates
        self.logWriter = accessLog
        self.accessLog = accessLog.map { AccessLog(writer: $0, threshold: threshold) }
        let metrics = GatewayMetrics(labels: MetricLabels(catalog: settings.catalog), version: GatewayVersion.current)
        metrics.configurationRead(at: Timestamp.unixSeconds)
        self.metrics = metrics
        self.upstreamHeads = UpstreamHeads(
            upstream: upstream,
            pathPrefix: baseURL.pathPrefix,
            headers: configuration.upstream.headers,
            workspace: configuration.upstream.workspace,
            callersDecide: configuration.callers.decideHeaders
        )
        current = Mutex(settings)
        admission = AdmissionController(
            limits: AdmissionLimits(configuration.limits),
            shards: max(1, eventLoops.count * 4)
        )
        let store = try ResponseStore.open(
            configuration,
            stateDirectory: environment["STATE_DIRECTORY"],
            logger: logger
        )
        self.store = store
        if let problem = configuration.uploads.problem { throw ConfigurationProblems(problems: [problem]) }
        uploads = UploadSessions(
            spool: UploadSpool(
                bases: UploadSpool.bases(configuration.uploads.directory, environment: environment),
                logger: logger
            ),
            logger: logger
        ) { Timestamp.unixSeconds }
        repeats.apply(configuration.idempotency)
        callerHash = try KeyedHash(secret: configuration.callers.hashKey, kept: store?.callerSecret)
        sealing = ContentSealing(secret: configuration.callers.hashKey, kept: store?.contentSecret)
        let keepAlive = configuration.stream.keepAliveInterval
        let interval = keepAlive > .zero ? min(TimeAmount.milliseconds(250), keepAlive) : .milliseconds(250)
        let breakers = BreakerMessages(host: baseURL.host, logger: logger)
        let fetch = FetchSettings(configuration.upstream)
        var loops: [ObjectIdentifier: NIOLoopBound<LoopContext>] = [:]
        for loop in eventLoops {
            loops[ObjectIdentifier(loop)] = try await loop.submit {
                let context = LoopContext(
                    eventLoop: loop,
                    upstream: upstream,
                    fetch: fetch,
                    settings: settings,
                    metrics: metrics.makeLoopMetrics()
                )
                context.pool.breakerChanged = { breakers.changed($0) }
                context.start(interval: interval)
                return NIOLoopBound(context, eventLoop: loop)
            }.get()
        }
        self.loops = loops
        if let loop = eventLoops.first {
            store?.start(on: loop)
            uploads.start(on: loop)
        }
    }

    func loopContext(of eventLoop: any EventLoop) -> LoopContext {
        guard let context = loops[ObjectIdentifier(eventLoop)] else {
            preconditionFailure("an exchange on a loop outside of the gateway's group")
        }
        return context.value
    }

    // MARK: - Settings

    /// The settings that new requests get.
    var settings: LiveSettings { current.withLock { $0 } }

    /// Puts new settings into force; requests under way keep theirs.
    func apply(_ settings: LiveSettings) async {
        current.withLock { $0 = settings }
        admission.update(AdmissionLimits(settings.configuration.limits))
        store?.apply(settings.configuration.store)
        repeats.apply(settings.configuration.idempotency)
        for loop in loops.values {
            try? await loop.eventLoop.submit { loop.value.settings = settings }.get()
        }
    }

    // MARK: - Admission

    /// Takes one of the permits for open requests; false where all are in use.
    func takePermit(limit: Int) -> Bool {
        let before = openRequests.add(1, ordering: .relaxed).oldValue
        guard before < limit else {
            releasePermit()
            return false
        }
        return true
    }

    func releasePermit() {
        openRequests.subtract(1, ordering: .relaxed)
    }

    /// Requests being answered now.
    var openRequestCount: Int { openRequests.load(ordering: .relaxed) }

    // MARK: - Looking

    /// Why requests should go elsewhere although the gateway serves; nil where all is well.
    func misconfiguration() -> String? {
        guard let expiry = certificates?.expiry, expiry <= Timestamp.unixSeconds else { return nil }
        return "the certificate has expired"
    }

    /// The server whose figures and listeners are shown, once there is one.
    func watch(_ server: HTTPServer) {
        self.server.withLock { $0 = server }
    }

    /// Where callers reach the gateway, one address each.
    var publicListeners: [String] {
        server.withLock { $0?.listeners ?? [] }.filter { $0.role != .admin }.map(\.description)
    }

    /// The values that are read when metrics are asked for.
    func scrapeValues(_ pools: UpstreamStatistics, _ stored: StoreContents?) -> ScrapeValues {
        let server = server.withLock { $0 }?.statistics
        var values = ScrapeValues(
            openConnections: server?.openConnections,
            upstreamActive: pools.active,
            upstreamIdle: pools.idle,
            upstreamWaiting: pools.waiting,
            upstreamOpened: pools.opened,
            circuitBreakers: [ScrapeValues.CircuitBreaker(host: baseURL.host, isOpen: pools.isBreakerOpen)],
            permitsLeaked: admission.missingReleases,
            logLinesDropped: logWriter?.droppedCount,
            certificateExpiry: certificates?.expiry,
            store: stored.map {
                ScrapeValues.Store(objects: $0.objects, bytes: $0.bytes, failures: store?.failureCount ?? 0)
            }
        )
        values.upstreamConnecting = pools.connecting
        values.upstreamEvents = [
            ("open_failed", pools.failedToOpen), ("retired", pools.retired), ("call_resent", pools.resent),
            ("call_refused", pools.refusedByBreaker), ("breaker_opened", pools.breakerOpenings),
        ]
        let uploaded = uploads.contents
        values.uploads = ScrapeValues.Uploads(pending: uploaded.uploads, bytes: uploaded.bytes)
        let limits = admission.gauges
        values.limitsTracked = [("caller", limits.callers), ("address", limits.addresses)]
        values.limitsForgotten = limits.forgottenWhileRunning
        if let server {
            values.bodyBytes = server.heldBytes
            values.bodyBytesLimit = server.heldBytesLimit
            values.connectionEvents = [
                ("accepted", server.acceptedConnections), ("refused", server.rejectedConnections),
                ("dropped", server.droppedConnections), ("accept_error", server.acceptErrors),
                ("tls_failure", server.tlsHandshakeFailures), ("proxy_protocol_error", server.proxyProtocolErrors),
                ("malformed_request", server.malformedRequests), ("stalled", server.stalledConnections),
                ("http2", server.http2Connections),
            ]
        }
        return values
    }

    /// The connections to upstream, summed over the event loops.
    func upstreamStatistics(on eventLoop: any EventLoop) -> EventLoopFuture<UpstreamStatistics> {
        let parts = loops.values.map { loop in loop.eventLoop.submit { loop.value.pool.statistics } }
        return EventLoopFuture.whenAllSucceed(parts, on: eventLoop).map { parts in
            parts.reduce(into: UpstreamStatistics()) { $0 += $1 }
        }
    }

    /// The size of the store; nil where there is none, or where it does not answer.
    func storeContents(on eventLoop: any EventLoop) -> EventLoopFuture<StoreContents?> {
        guard let store else { return eventLoop.makeSucceededFuture(nil) }
        return store.objects.contents(on: eventLoop).map { $0 }.recover { _ in nil }
    }

    /// The connections to upstream, summed over the event loops.
    func upstreamStatistics() async -> UpstreamStatistics {
        var sum = UpstreamStatistics()
        for loop in loops.values {
            if let part = try? await loop.eventLoop.submit({ loop.value.pool.statistics }).get() { sum += part }
        }
        return sum
    }

    // MARK: - Life-cycle

    /// Ends the streams that still run, with an error event.
    func endRelays() async {
        for loop in loops.values { try? await loop.eventLoop.submit { loop.value.endRelays() }.get() }
    }

    func shutdown() async {
        for loop in loops.values { try? await loop.eventLoop.submit { loop.value.shutdown() }.get() }
        await store?.close()
        await uploads.close()
    }
}
