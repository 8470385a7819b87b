import WireFormats

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Wall-clock times for logs and answers.
package enum Timestamp {
    /// Seconds since 1970.
    package static var unixSeconds: Int { time(nil) }

    /// Milliseconds since 1970.
    package static var unixMilliseconds: Int {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return now.tv_sec * 1000 + now.tv_nsec / 1_000_000
    }

    /// Now, as RFC 3339 in UTC with milliseconds.
    package static func rfc3339() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return rfc3339(seconds: now.tv_sec, milliseconds: now.tv_nsec / 1_000_000)
    }

    package static func rfc3339(seconds: Int, milliseconds: Int) -> String {
        let millis =
            milliseconds < 10 ? "00\(milliseconds)" : milliseconds < 100 ? "0\(milliseconds)" : "\(milliseconds)"
        return "\(CalendarDate.text(unixSeconds: seconds)).\(millis)Z"
    }
}
