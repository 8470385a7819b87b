package import CoreMetrics
import Synchronization

/// Keeps what swift-metrics counts, to be shown to Prometheus.
///
/// Counting takes no lock and allocates nothing: each thread adds to cells of its own. Making a series takes a lock;
/// the number of series is bounded, and what goes beyond is not kept but counted in
/// `gateway_metric_series_dropped_total`.
package final class PrometheusMetricsFactory: MetricsFactory, Sendable {
    private enum Series {
        case counter(CounterSeries), gauge(GaugeSeries), histogram(HistogramSeries)

        var object: AnyObject {
            switch self {
            case .counter(let series): series
            case .gauge(let series): series
            case .histogram(let series): series
            }
        }

        var value: MetricValue {
            switch self {
            case .counter(let series): series.value
            case .gauge(let series): series.value
            case .histogram(let series): series.value
            }
        }
    }

    private struct Family {
        var description: MetricDescription
        /// By labels as text.
        var series: [String: Series] = [:]
    }

    private struct State {
        var descriptions: [String: MetricDescription]
        var families: [String: Family] = [:]
        var seriesCount = 0
        var dropped = 0
    }

    let arena: CellArena
    private let seriesLimit: Int
    private let state: Mutex<State>

    /// Makes a factory that knows these families.
    ///
    /// Others get a help text of their own name and general buckets. `shards` is how many threads can count without
    /// getting in each other's way: a power of two, by default twice the processors.
    package init(descriptions: [MetricDescription] = [], seriesLimit: Int = 10_000, shards: Int? = nil) {
        arena = CellArena(slotCount: shards ?? ThreadSlots.defaultCount)
        self.seriesLimit = seriesLimit
        let named = descriptions.map { ($0.name, $0) }
        state = Mutex(State(descriptions: Dictionary(named, uniquingKeysWith: { first, _ in first })))
    }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counter(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    package func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        counter(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    package func makeRecorder(
        label: String,
        dimensions: [(String, String)],
        aggregate: Bool
    ) -> any RecorderHandler {
        if aggregate { return histogram(label, dimensions) ?? NOOPMetricsHandler.instance }
        return gauge(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    package func destroyCounter(_ handler: any CounterHandler) { remove(handler) }
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { remove(handler) }
    package func destroyMeter(_ handler: any MeterHandler) { remove(handler) }
    package func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }
    package func destroyTimer(_ handler: any TimerHandler) { remove(handler) }

    /// Series that were asked for and are not kept: beyond the limit, or of a name that is of another kind.
    package var droppedSeries: Int { state.withLock { $0.dropped } }

    /// Series that are kept.
    package var seriesCount: Int { state.withLock { $0.seriesCount } }

    /// Every family with its values now, in no particular order; series sorted by their labels.
    package func families() -> [MetricFamily] {
        // Only the list is copied under the lock; the cells are summed without it.
        let families = state.withLock { Array($0.families.values) }
        return families.map { family in
            let series = family.series.sorted { $0.key < $1.key }
            return MetricFamily(
                family.description,
                samples: series.map { MetricFamily.Sample(labels: $0.key, value: $0.value.value) }
            )
        }
    }

    /// The counter of this name and these labels; nil if it is not kept.
    func counter(_ label: String, _ dimensions: [(String, String)]) -> CounterSeries? {
        var name = LabelText.validName(label)
        if !name.hasSuffix("_total") { name += "_total" }
        let series = find(name, .counter, dimensions) { _ in .counter(CounterSeries(arena: arena)) }
        if case .counter(let counter) = series { return counter }
        return nil
    }

    private func gauge(_ label: String, _ dimensions: [(String, String)]) -> GaugeSeries? {
        let series = find(LabelText.validName(label), .gauge, dimensions) { _ in .gauge(GaugeSeries(arena: arena)) }
        if case .gauge(let gauge) = series { return gauge }
        return nil
    }

    /// The histogram of this name and these labels; nil if it is not kept.
    func histogram(_ label: String, _ dimensions: [(String, String)]) -> HistogramSeries? {
        let series = find(LabelText.validName(label), .histogram, dimensions) { description in
            .histogram(HistogramSeries(bounds: description.buckets, arena: arena))
        }
        if case .histogram(let histogram) = series { return histogram }
        return nil
    }

    /// The series of this name and these labels, made now if there is room for it.
    private func find(
        _ name: String,
        _ kind: MetricKind,
        _ dimensions: [(String, String)],
        make: (MetricDescription) -> Series
    ) -> Series? {
        let labels = LabelText.render(dimensions)
        return state.withLock { state in
            var family =
                state.families[name]
                ?? Family(description: state.descriptions[name] ?? MetricDescription(name, kind, name))
            guard family.description.kind == kind else {
                state.dropped += 1
                return nil
            }
            if let series = family.series[labels] { return series }
            guard state.seriesCount < seriesLimit else {
                state.dropped += 1
                return nil
            }
            // The family must have no other owner while it changes, or all its series would be copied.
            state.families[name] = nil
            let series = make(family.description)
            family.series[labels] = series
            state.families[name] = family
            state.seriesCount += 1
            return series
        }
    }

    private func remove(_ handler: AnyObject) {
        // Given back after the lock is: the cells have a lock of their own.
        let removed: Series? = state.withLock { state in
            for (name, family) in state.families {
                guard let labels = family.series.first(where: { $0.value.object === handler })?.key else { continue }
                let series = state.families[name]?.series.removeValue(forKey: labels)
                if family.series.count == 1 { state.families[name] = nil }
                state.seriesCount -= 1
                return series
            }
            return nil
        }
        _ = removed
    }
}
