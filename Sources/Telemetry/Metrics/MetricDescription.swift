/// The name, meaning, unit and buckets of one family of series.
package struct MetricDescription: Sendable {
    /// As it is shown in the text format; a counter's ends in `_total`, an info's in `_info`.
    package var name: String
    package var kind: MetricKind
    /// One sentence for people.
    package var help: String
    package var unit: MetricUnit?
    /// Upper bounds of a histogram, in the unit, ascending, without infinity.
    package var buckets: [Double]

    package init(
        _ name: String,
        _ kind: MetricKind,
        _ help: String,
        unit: MetricUnit? = nil,
        buckets: [Double] = MetricDescription.generalBuckets
    ) {
        self.name = name
        self.kind = kind
        self.help = help
        self.unit = unit
        self.buckets = buckets
    }

    /// Bounds for durations without a description, in seconds: from five milliseconds to two minutes.
    package static let generalBuckets: [Double] = [
        0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120,
    ]
}
