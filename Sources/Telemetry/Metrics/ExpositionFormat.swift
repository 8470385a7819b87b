/// The two texts in which Prometheus reads metrics.
package enum ExpositionFormat: Sendable, CaseIterable {
    /// Prometheus text format 0.0.4.
    case prometheusText
    /// OpenMetrics 1.0.
    case openMetrics

    /// The media type of the answer.
    package var contentType: StaticString {
        switch self {
        case .prometheusText: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// The format a client prefers by its `Accept` header.
    ///
    /// OpenMetrics only where it is asked for by name and nothing is preferred to it; anything else gets the text.
    package init(accept: String?) {
        var openMetrics = 0.0
        var text = 0.0
        for range in (accept ?? "").lowercased().split(separator: ",") {
            var parts = range.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
            guard !parts.isEmpty else { continue }
            let type = parts.removeFirst()
            var quality = 1.0
            var version: String?
            for part in parts {
                if part.hasPrefix("q=") { quality = Double(part.dropFirst(2)) ?? 0 }
                if part.hasPrefix("version=") { version = part.dropFirst(8).filter { $0 != "\"" } }
            }
            if type == "application/openmetrics-text", version == nil || version == "1.0.0" {
                openMetrics = max(openMetrics, quality)
            } else if type == "text/plain" {
                text = max(text, quality)
            }
        }
        self = openMetrics > 0 && openMetrics >= text ? .openMetrics : .prometheusText
    }
}
