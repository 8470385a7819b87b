package import NIOCore

/// Writes families as text, in the order of their names.
package enum ExpositionWriter {
    /// The whole answer to a scrape.
    package static func write(_ families: [MetricFamily], as format: ExpositionFormat) -> ByteBuffer {
        let families = families.filter { !$0.samples.isEmpty }.sorted { $0.description.name < $1.description.name }
        let sampleCount = families.reduce(0) { $0 + $1.samples.count }
        var text = ByteBufferAllocator().buffer(capacity: 1024 + 128 * sampleCount)
        for family in families { write(family, as: format, into: &text) }
        if format == .openMetrics { text.writeStaticString("# EOF\n") }
        return text
    }

    private static func write(_ family: MetricFamily, as format: ExpositionFormat, into text: inout ByteBuffer) {
        let description = family.description
        let name = description.name
        // OpenMetrics names the family without the suffix that its samples carry.
        var familyName = name
        if format == .openMetrics {
            if description.kind == .counter, name.hasSuffix("_total") { familyName = String(name.dropLast(6)) }
            if description.kind == .info, name.hasSuffix("_info") { familyName = String(name.dropLast(5)) }
        }
        let help = LabelText.escape(description.help, quotes: format == .openMetrics)
        text.writeString("# HELP \(familyName) \(help)\n# TYPE \(familyName) \(word(description.kind, format))\n")
        if format == .openMetrics, let unit = description.unit, familyName.hasSuffix("_" + unit.rawValue) {
            text.writeString("# UNIT \(familyName) \(unit.rawValue)\n")
        }
        for sample in family.samples {
            guard case .distribution(let bounds, let counts, let sum) = sample.value else {
                write(name, sample.labels, number(sample.value), into: &text)
                continue
            }
            let prefix = sample.labels.isEmpty ? "" : sample.labels + ","
            var count = 0
            for (bucket, amount) in counts.enumerated() {
                count += amount
                let bound = bucket < bounds.count ? self.bound(bounds[bucket], format) : "+Inf"
                write(name + "_bucket", "\(prefix)le=\"\(bound)\"", String(count), into: &text)
            }
            write(name + "_sum", sample.labels, number(.real(sum)), into: &text)
            write(name + "_count", sample.labels, String(count), into: &text)
        }
    }

    private static func write(_ name: String, _ labels: String, _ value: String, into text: inout ByteBuffer) {
        text.writeString(name)
        if !labels.isEmpty {
            text.writeStaticString("{")
            text.writeString(labels)
            text.writeStaticString("}")
        }
        text.writeStaticString(" ")
        text.writeString(value)
        text.writeStaticString("\n")
    }

    private static func word(_ kind: MetricKind, _ format: ExpositionFormat) -> String {
        switch kind {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        case .info: format == .openMetrics ? "info" : "gauge"
        }
    }

    /// A bound as the client libraries write it: with a decimal point in OpenMetrics only.
    private static func bound(_ bound: Double, _ format: ExpositionFormat) -> String {
        format == .openMetrics ? "\(bound)" : number(.real(bound))
    }

    private static func number(_ value: MetricValue) -> String {
        switch value {
        case .whole(let number): return String(number)
        case .real(let number):
            if number.isNaN { return "NaN" }
            if number.isInfinite { return number < 0 ? "-Inf" : "+Inf" }
            // Every whole number a Double holds exactly is written without a fraction.
            if number.magnitude < 9e15, number == number.rounded() { return String(Int(number)) }
            return "\(number)"
        case .distribution: preconditionFailure("a distribution is not one number")
        }
    }
}
