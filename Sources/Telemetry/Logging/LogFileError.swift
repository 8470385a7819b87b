/// A log file could not be opened.
package struct LogFileError: Error, Sendable, CustomStringConvertible {
    package var path: String
    package var reason: String

    package var description: String { "cannot open log file \(path): \(reason)" }
}
