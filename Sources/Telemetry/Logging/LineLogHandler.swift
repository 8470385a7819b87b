import ByteWriting
package import Logging

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
        let timestamp = Timestamp.rfc3339()
        writer.write(level: event.level) { line in
            switch writer.format {
            case .json:
                line.append("{\"timestamp\":\"")
                line.append(text: timestamp)
                line.append("\",\"level\":\"")
                line.append(text: event.level.rawValue)
                line.append("\",\"message\":")
                line.writeLogString("\(event.message)")
                for (key, value) in all {
                    line.append(",")
                    line.writeLogString(key)
                    line.append(":")
                    if case .stringConvertible(let number as Int) = value {
                        line.append(number: number)
                    } else {
                        line.writeLogString("\(value)")
                    }
                }
                line.append("}\n")
            case .text, .terminal:
                let isTerminal = writer.format == .terminal
                line.append(
                    text: isTerminal
                        ? TerminalColor.dim.paint(LocalTime.now(), if: writer.isColored) : timestamp
                )
                line.append(" ")
                if isTerminal {
                    line.append(text: Self.color(of: event.level).paint(event.level.rawValue, if: writer.isColored))
                } else {
                    line.append(text: event.level.rawValue.uppercased())
                }
                for _ in 0..<max(1, 8 - event.level.rawValue.utf8.count) { line.append(" ") }
                line.writeLogContent("\(event.message)")
                for (key, value) in all {
                    line.append(" ")
                    line.writeLogContent(key)
                    line.append("=")
                    line.writeLogWord("\(value)")
                }
                line.append("\n")
            }
        }
    }

    private static func color(of level: Logger.Level) -> TerminalColor {
        switch level {
        case .trace, .debug: .dim
        case .info, .notice: .green
        case .warning: .yellow
        case .error, .critical: .red
        }
    }
}
