/// The value of one series when it is read.
package enum MetricValue: Equatable, Sendable {
    case whole(Int)
    case real(Double)
    /// Counts of each bucket, the last one above every bound, and the sum of all values.
    case distribution(bounds: [Double], counts: [Int], sum: Double)
}
