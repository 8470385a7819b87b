#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// How log lines look: one JSON object each, text with all fields, or the short lines of a terminal.
package enum LogFormat: String, Sendable, CaseIterable {
    case json, text, terminal

    /// The format that a setting asks for: `json`, `text`, or `auto`: JSON, and short lines where `descriptor` is a
    /// terminal.
    ///
    /// `nil` for any other word.
    package init?(setting: String, descriptor: Int32 = 1) {
        if setting == "auto" {
            self = isatty(descriptor) == 1 ? .terminal : .json
        } else if setting == "json" || setting == "text" {
            self.init(rawValue: setting)
        } else {
            return nil
        }
    }

    /// Whether lines for `descriptor` may have colours: a terminal that knows them, unless the environment asks for
    /// none.
    package static func allowsColor(descriptor: Int32, environment: [String: String]) -> Bool {
        guard isatty(descriptor) == 1, environment["TERM"] != "dumb" else { return false }
        return (environment["NO_COLOR"] ?? "").isEmpty
    }
}
