/// The kind of a family of series.
package enum MetricKind: Sendable {
    case counter, gauge, histogram
    /// A gauge that is always 1 and tells by its labels.
    case info
}
