/// What a family of series is.
package enum MetricKind: Sendable {
    case counter, gauge, histogram
    /// A gauge that is always 1 and tells by its labels.
    case info
}
