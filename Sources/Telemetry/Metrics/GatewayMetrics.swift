import CoreMetrics
package import NIOCore

/// The metrics of the gateway: what is counted, and the answer to a scrape.
package final class GatewayMetrics: Sendable {
    package let factory: PrometheusMetricsFactory
    package let labels: MetricLabels
    private let version: String
    // How many are under way is the difference of two counters, so that no loop writes to what another one writes to.
    let requestsBegan: CounterSeries
    let requestsEnded: CounterSeries
    let streamsBegan: CounterSeries
    let streamsEnded: CounterSeries
    private let reloadsSucceeded: Counter
    private let reloadsFailed: Counter
    private let lastReload: Gauge

    /// Prepares the metrics; `factory` should know `MetricDescription.gateway`.
    package init(
        factory: PrometheusMetricsFactory = PrometheusMetricsFactory(descriptions: MetricDescription.gateway),
        labels: MetricLabels,
        version: String
    ) {
        self.factory = factory
        self.labels = labels
        self.version = version
        requestsBegan = CounterSeries(arena: factory.arena)
        requestsEnded = CounterSeries(arena: factory.arena)
        streamsBegan = CounterSeries(arena: factory.arena)
        streamsEnded = CounterSeries(arena: factory.arena)
        let reloads = MetricDescription.configReloads.name
        reloadsSucceeded = Counter(label: reloads, dimensions: [("result", "success")], factory: factory)
        reloadsFailed = Counter(label: reloads, dimensions: [("result", "failure")], factory: factory)
        lastReload = Gauge(label: MetricDescription.configLastReload.name, factory: factory)
    }

    /// The handles of one event loop, made once for each.
    package func makeLoopMetrics() -> LoopMetrics { LoopMetrics(self) }

    /// The configuration was read at the start, at this time in seconds since 1970.
    package func configurationRead(at time: Int) { lastReload.record(time) }

    /// The configuration was read again at this time in seconds since 1970, or could not be.
    package func configurationReloaded(succeeded: Bool, at time: Int) {
        if succeeded {
            reloadsSucceeded.increment()
            lastReload.record(time)
        } else {
            reloadsFailed.increment()
        }
    }

    /// The answer to a scrape, in the format the `Accept` header asks for.
    package func render(
        accept: String?,
        values: ScrapeValues,
        process: ProcessFigures? = .read()
    ) -> (contentType: StaticString, body: ByteBuffer) {
        let format = ExpositionFormat(accept: accept)
        let families = factory.families() + ownFamilies() + Self.families(values) + Self.families(process)
        return (format.contentType, ExpositionWriter.write(families, as: format))
    }

    private func ownFamilies() -> [MetricFamily] {
        // Ended requests are read first, so that those that end meanwhile never make the difference negative.
        let requestsEnded = requestsEnded.wholeValue
        let streamsEnded = streamsEnded.wholeValue
        var build = MetricFamily(.buildInfo)
        build.add(.whole(1), [("version", version)])
        return [
            Self.single(.httpInFlight, max(0, requestsBegan.wholeValue - requestsEnded)),
            Self.single(.streamsActive, max(0, streamsBegan.wholeValue - streamsEnded)),
            Self.single(.seriesDropped, factory.droppedSeries),
            build,
        ]
    }

    private static func families(_ values: ScrapeValues) -> [MetricFamily] {
        var connections = MetricFamily(.upstreamConnections)
        let states = [
            ("active", values.upstreamActive), ("connecting", values.upstreamConnecting),
            ("idle", values.upstreamIdle), ("waiting", values.upstreamWaiting),
        ]
        for (state, count) in states {
            if let count { connections.add(.whole(count), [("state", state)]) }
        }
        var breakers = MetricFamily(.circuitBreakerOpen)
        for breaker in values.circuitBreakers.sorted(by: { $0.host < $1.host }) {
            breakers.add(.whole(breaker.isOpen ? 1 : 0), [("host", breaker.host)])
        }
        return [
            single(.openConnections, values.openConnections),
            labelled(.connectionEvents, "event", values.connectionEvents),
            single(.bodyBytes, values.bodyBytes),
            single(.bodyBytesLimit, values.bodyBytesLimit),
            connections,
            single(.upstreamOpened, values.upstreamOpened),
            labelled(.upstreamEvents, "event", values.upstreamEvents),
            breakers,
            single(.permitsLeaked, values.permitsLeaked),
            labelled(.limitsTracked, "scope", values.limitsTracked),
            single(.limitsForgotten, values.limitsForgotten),
            single(.logLinesDropped, values.logLinesDropped),
            single(.certificateExpiry, values.certificateExpiry),
            single(.storeObjects, values.store?.objects),
            single(.storeBytes, values.store?.bytes),
            single(.storeFailures, values.store?.failures),
            single(.uploadsPending, values.uploads?.pending),
            single(.uploadsBytes, values.uploads?.bytes),
        ]
    }

    private static func families(_ process: ProcessFigures?) -> [MetricFamily] {
        guard let process else { return [] }
        var cpu = MetricFamily(.processCPU)
        cpu.add(.real(process.cpuSeconds))
        var start = MetricFamily(.processStart)
        if let time = process.startTime { start.add(.real(time)) }
        return [
            cpu,
            start,
            single(.processResident, process.residentBytes),
            single(.processVirtual, process.virtualBytes),
            single(.processOpenFDs, process.openDescriptors),
            single(.processMaxFDs, process.maxDescriptors),
            single(.processThreads, process.threads),
        ]
    }

    private static func labelled(
        _ description: MetricDescription,
        _ label: String,
        _ counts: [(String, Int)]
    ) -> MetricFamily {
        var family = MetricFamily(description)
        for (word, count) in counts { family.add(.whole(count), [(label, word)]) }
        return family
    }

    private static func single(_ description: MetricDescription, _ value: Int?) -> MetricFamily {
        var family = MetricFamily(description)
        if let value { family.add(.whole(value)) }
        return family
    }
}
