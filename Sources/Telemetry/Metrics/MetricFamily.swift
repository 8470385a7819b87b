/// A family as it is shown: its description and the series that have a value.
package struct MetricFamily: Sendable {
    /// One series: its labels as text and its value.
    package struct Sample: Sendable {
        /// `name="value"` pairs separated by commas, escaped; empty where there are none.
        package var labels: String
        package var value: MetricValue
    }

    package var description: MetricDescription
    package var samples: [Sample]

    package init(_ description: MetricDescription, samples: [Sample] = []) {
        self.description = description
        self.samples = samples
    }

    /// Adds one series with these labels.
    package mutating func add(_ value: MetricValue, _ labels: [(String, String)] = []) {
        samples.append(Sample(labels: LabelText.render(labels), value: value))
    }
}
