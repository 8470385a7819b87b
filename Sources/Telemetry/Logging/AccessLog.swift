import Logging

/// Where request records go, and which of them are worth a line.
package struct AccessLog: Sendable {
    package let writer: LogWriter
    private let threshold: LogThreshold
    private let quietRoutes: Set<String>

    /// Records below `threshold` are left out, and those of `quietRoutes` (health checks) that went well.
    package init(writer: LogWriter, threshold: LogThreshold, quietRoutes: Set<String> = []) {
        self.writer = writer
        self.threshold = threshold
        self.quietRoutes = quietRoutes
    }

    /// Whether such a record gets a line; asked first, a record that does not is never made.
    package func keeps(route: String, status: Int) -> Bool {
        if status < 400 {
            return threshold.admits(.warning) && (quietRoutes.isEmpty || !quietRoutes.contains(route))
        }
        return threshold.admits(status < 500 ? .info : .warning)
    }

    /// Appends the record, if its level is high enough.
    package func write(_ record: AccessRecord, timestamp: TimestampText) {
        guard threshold.admits(record.level), keeps(route: record.route, status: record.status) else { return }
        writer.write { record.write(timestamp: timestamp, format: writer.format, into: &$0) }
    }
}
