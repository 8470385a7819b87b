#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Times of one event loop's records: the calendar is worked out once a second only.
package struct TimestampCache: Sendable {
    private var second = Int.min
    private var text: [UInt8] = []

    package init() {}

    /// Now, as RFC 3339 in UTC with milliseconds.
    package mutating func rfc3339() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return rfc3339(seconds: now.tv_sec, milliseconds: now.tv_nsec / 1_000_000)
    }

    /// A moment as RFC 3339 in UTC with milliseconds.
    package mutating func rfc3339(seconds: Int, milliseconds: Int) -> String {
        if seconds != second {
            second = seconds
            text = Array(Timestamp.rfc3339(seconds: seconds, milliseconds: 0).utf8)
        }
        // The text ends with `.mmmZ`.
        text[text.count - 4] = UInt8(0x30 + milliseconds / 100 % 10)
        text[text.count - 3] = UInt8(0x30 + milliseconds / 10 % 10)
        text[text.count - 2] = UInt8(0x30 + milliseconds % 10)
        return String(decoding: text, as: UTF8.self)
    }
}
