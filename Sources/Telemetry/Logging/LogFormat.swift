#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// How log lines look: one JSON object each, or text for people.
package enum LogFormat: String, Sendable, CaseIterable {
    case json, text

    /// The format that a setting asks for: `json`, `text`, or `auto`, which is text where `descriptor` is a terminal.
    ///
    /// `nil` for any other word.
    package init?(setting: String, descriptor: Int32 = 1) {
        if setting == "auto" {
            self = isatty(descriptor) == 1 ? .text : .json
        } else {
            self.init(rawValue: setting)
        }
    }
}
