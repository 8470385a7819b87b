extension PrometheusMetricsFactory {
    /// The counter of this description and these labels; one that nobody sees where there is no room for it.
    @inline(never)
    func keptCounter(_ description: MetricDescription, _ labels: [(String, String)] = []) -> CounterSeries {
        counter(description.name, labels) ?? CounterSeries(arena: arena)
    }

    /// The histogram of this description and these labels; one that nobody sees where there is no room for it.
    @inline(never)
    func keptHistogram(_ description: MetricDescription, _ labels: [(String, String)] = []) -> HistogramSeries {
        histogram(description.name, labels) ?? HistogramSeries(bounds: description.buckets, arena: arena)
    }
}
