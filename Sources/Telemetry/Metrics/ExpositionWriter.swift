package import NIOCore

/// Writes families as text, in the order of their names.
package enum ExpositionWriter {
    /// The whole answer to a scrape.
    package static func write(_ families: [MetricFamily], as format: ExpositionFormat) -> ByteBuffer {
        let families = families.filter { !$0.samples.isEmpty }.sorted { $0.description.name < $1.description.name }
        var lines = 0
        for family in families {
            for sample in family.samples {
                if case .distribution(_, let counts, _) = sample.value { lines += counts.count + 2 } else { lines += 1 }
            }
        }
        var text = ByteBufferAllocator().buffer(capacity: 160 * families.count + 96 * lines)
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
        // Written once for the family, not for each of its series.
        var boundTexts: [String] = []
        for sample in family.samples {
            guard case .distribution(let bounds, let counts, let sum) = sample.value else {
                write(name, "", sample.labels, number(sample.value), into: &text)
                continue
            }
            if boundTexts.count != counts.count {
                boundTexts = bounds.map { "le=\"\(bound($0, format))\"} " } + ["le=\"+Inf\"} "]
            }
            var count = 0
            for (boundText, amount) in zip(boundTexts, counts) {
                count += amount
                text.writeString(name)
                text.writeStaticString("_bucket{")
                text.writeString(sample.labels)
                if !sample.labels.isEmpty { text.writeStaticString(",") }
                text.writeString(boundText)
                text.writeString(String(count))
                text.writeStaticString("\n")
            }
            write(name, "_sum", sample.labels, number(.real(sum)), into: &text)
            write(name, "_count", sample.labels, String(count), into: &text)
        }
    }

    private static func write(
        _ name: String,
        _ suffix: StaticString,
        _ labels: String,
        _ value: String,
        into text: inout ByteBuffer
    ) {
        text.writeString(name)
        text.writeStaticString(suffix)
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
