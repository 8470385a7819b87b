package import Logging
import NIOCore

/// Messages of the program as lines in the writer's format.
package struct LineLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    /// Of this logger; the shared threshold until it is set.
    package var logLevel: Logger.Level {
        get { ownLevel ?? threshold.level }
        set { ownLevel = newValue }
    }
    private let writer: LogWriter
    private let threshold: LogThreshold
    private var ownLevel: Logger.Level?

    /// `threshold` may be changed at any time.
    package init(writer: LogWriter, threshold: LogThreshold) {
        self.writer = writer
        self.threshold = threshold
    }

    package init(writer: LogWriter, level: Logger.Level) {
        self.init(writer: writer, threshold: LogThreshold(level))
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        var line = ByteBuffer()
        switch writer.format {
        case .json:
            line.writeStaticString("{\"timestamp\":\"")
            line.writeString(Timestamp.rfc3339())
            line.writeStaticString("\",\"level\":\"")
            line.writeString(event.level.rawValue)
            line.writeStaticString("\",\"message\":")
            line.writeLogString("\(event.message)")
            for (key, value) in all {
                line.writeStaticString(",")
                line.writeLogString(key)
                line.writeStaticString(":")
                line.writeLogString("\(value)")
            }
            line.writeStaticString("}\n")
        case .text:
            line.writeString(Timestamp.rfc3339())
            line.writeStaticString(" ")
            line.writeString(event.level.rawValue)
            line.writeRepeatingByte(0x20, count: max(1, 8 - event.level.rawValue.utf8.count))
            line.writeLogContent("\(event.message)")
            for (key, value) in all {
                line.writeStaticString(" ")
                line.writeLogContent(key)
                line.writeStaticString("=")
                line.writeLogWord("\(value)")
            }
            line.writeStaticString("\n")
        }
        writer.write(line)
    }
}
