extension PrometheusMetricsFactory {
    /// The counter of this description and these labels; an unregistered one if the registry is full.
    @inline(never)
    func keptCounter(_ description: MetricDescription, _ labels: [(String, String)] = []) -> CounterSeries {
        counter(description.name, labels) ?? CounterSeries(arena: arena)
    }

    /// The histogram of this description and these labels; an unregistered one if the registry is full.
    @inline(never)
    func keptHistogram(_ description: MetricDescription, _ labels: [(String, String)] = []) -> HistogramSeries {
        histogram(description.name, labels) ?? HistogramSeries(bounds: description.buckets, arena: arena)
    }
}
