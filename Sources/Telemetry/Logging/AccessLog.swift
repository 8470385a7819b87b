import Logging

/// Where request records go, and which of them are worth a line.
package final class AccessLog: Sendable {
    package let writer: LogWriter
    private let threshold: LogThreshold

    /// Records below `threshold` are left out.
    package init(writer: LogWriter, threshold: LogThreshold) {
        self.writer = writer
        self.threshold = threshold
    }

    /// Whether such a record gets a line; asked first, a record that does not is never made.
    package func keeps(status: Int) -> Bool {
        threshold.admits(status < 400 || status >= 500 ? .warning : .info)
    }

    /// Appends the record, if its level is high enough.
    package func write(_ record: AccessRecord, timestamp: TimestampText) {
        guard threshold.admits(record.level), keeps(status: record.status) else { return }
        writer.write(level: record.level) {
            record.write(timestamp: timestamp, format: writer.format, isColored: writer.isColored, into: &$0)
        }
    }
}
