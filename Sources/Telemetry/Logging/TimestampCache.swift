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
    private var text = TimestampText()

    package init() {}

    /// Now, in UTC with milliseconds.
    package mutating func now() -> TimestampText {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return time(seconds: now.tv_sec, milliseconds: now.tv_nsec / 1_000_000)
    }

    /// A moment in UTC with milliseconds.
    package mutating func time(seconds: Int, milliseconds: Int) -> TimestampText {
        if seconds != second {
            second = seconds
            text = TimestampText(Timestamp.rfc3339(seconds: seconds, milliseconds: 0))
        }
        text.setMilliseconds(milliseconds)
        return text
    }
}
