import Logging
import Telemetry

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Lines for the person at the terminal, or for the journal.
enum StandardError {
    static func write(_ line: String, level: Logger.Level = .error) {
        let isJournal = JournalStream.isOurs(descriptor: 2, environment: ProcessInfo.processInfo.environment)
        let writer = LogWriter(descriptor: 2, marksLevels: isJournal)
        writer.write(line + "\n", level: level)
        writer.flush()
    }
}
