/// The base unit of a family, which its name ends in.
package enum MetricUnit: String, Sendable {
    case seconds, bytes
}
