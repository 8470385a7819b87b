import Upstream
import WireFormats

/// The wait that an answer asks for: `retry-after-ms`, or `retry-after` in seconds or as a date.
enum RetryAfter {
    private static let longest = 86_400.0
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Reads the headers; `now` is in seconds since 1970.
    static func read(_ head: UpstreamResponseHead, now: Int) -> Duration? {
        if let text = head.first("retry-after-ms"), let wait = Double(text) { return amount(seconds: wait / 1000) }
        guard let text = head.first("retry-after") else { return nil }
        if let seconds = Double(text) { return amount(seconds: seconds) }
        return seconds(ofDate: text).flatMap { amount(seconds: Double(max(0, $0 - now))) }
    }

    private static func amount(seconds: Double) -> Duration? {
        guard seconds >= 0, seconds <= longest else { return nil }
        return .nanoseconds(Int64(seconds * 1_000_000_000))
    }

    /// `Wed, 21 Oct 2026 07:28:00 GMT`, the one form that servers write today.
    private static func seconds(ofDate text: String) -> Int? {
        let words = text.split(whereSeparator: { $0 == " " || $0 == ":" })
        guard words.count == 8, words[7] == "GMT", let day = Int(words[1]),
            let month = months.firstIndex(of: String(words[2])), let year = Int(words[3]), let hour = Int(words[4]),
            let minute = Int(words[5]), let second = Int(words[6]), (1970...9999).contains(year),
            (1...31).contains(day), (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second)
        else { return nil }
        let days = CalendarDate(year: year, month: month + 1, day: day).daysSince1970
        return ((days * 24 + hour) * 60 + minute) * 60 + second
    }
}
