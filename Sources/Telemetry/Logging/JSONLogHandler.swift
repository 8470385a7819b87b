import JSONBytes
package import Logging
import NIOCore

/// Log messages of the program as lines of JSON.
package struct JSONLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var logLevel: Logger.Level
    private let writer: LogWriter

    package init(writer: LogWriter, level: Logger.Level) {
        self.writer = writer
        self.logLevel = level
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var line = ByteBuffer()
        line.writeStaticString("{\"timestamp\":\"")
        line.writeString(Timestamp.rfc3339())
        line.writeStaticString("\",\"level\":")
        line.writeJSON(event.level.rawValue)
        line.writeStaticString(",\"message\":")
        line.writeJSON("\(event.message)")
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        for (key, value) in all.sorted(by: { $0.key < $1.key }) {
            line.writeStaticString(",")
            line.writeJSON(key)
            line.writeStaticString(":")
            line.writeJSON("\(value)")
        }
        line.writeStaticString("}\n")
        writer.write(line)
    }
}
