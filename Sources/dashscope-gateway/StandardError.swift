import Telemetry

/// Lines for the person at the terminal.
enum StandardError {
    static func write(_ line: String) {
        let writer = LogWriter(descriptor: 2)
        writer.write(line + "\n")
        writer.flush()
    }
}
