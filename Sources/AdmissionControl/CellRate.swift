/// A rate kept by the generic cell rate algorithm (ITU-T I.371): the state of one limit is one point in time.
///
/// The state is the time at which the units taken so far are worked off (the theoretical arrival time). It equals a
/// token bucket that fills evenly, without a timer and without a count that must be refilled. Time is whole
/// nanoseconds and the interval is rounded up, so never more is admitted than written; the rate is at most 0.1 % lower
/// up to 60 million a minute.
struct CellRate: Sendable, Equatable {
    /// The range of a rate or a burst.
    static let range = 1...1_000_000_000
    /// The state of a limit that nothing was taken from.
    static let unused = Int64.min
    /// No single request makes the next ones wait longer than a day (nanoseconds), whatever number upstream tells.
    private static let longestDebt: Int64 = 86_400_000_000_000
    /// 36 years: sums of two with a time do not overflow.
    private static let longest: Int64 = 1 << 60

    let perMinute: Int
    /// Nanoseconds that one unit takes.
    private let interval: Int64
    /// Nanoseconds that a full bucket takes.
    private let tolerance: Int64
    /// Nanoseconds that one request counts at most.
    private let longestCost: Int64

    /// Values outside `range`, which the settings refuse, are brought into it.
    init(perMinute: Int, burst: Int? = nil) {
        let rate = min(max(perMinute, Self.range.lowerBound), Self.range.upperBound)
        let burst = min(max(burst ?? rate, Self.range.lowerBound), Self.range.upperBound)
        self.perMinute = rate
        interval = (60_000_000_000 + Int64(rate) - 1) / Int64(rate)
        let (product, isTooLong) = Int64(burst).multipliedReportingOverflow(by: interval)
        tolerance = isTooLong ? Self.longest : min(product, Self.longest)
        longestCost = max(tolerance, Self.longestDebt)
    }

    /// How long until this many units may be taken, in nanoseconds; 0 or less is now.
    ///
    /// An amount above a whole bucket may be taken from a full one, and the rest is owed: otherwise it would wait
    /// for ever.
    @inline(__always)
    func wait(_ state: Int64, units: Int, now: Int64) -> Int64 {
        backlog(state, now: now) + min(cost(units), tolerance) - tolerance
    }

    @inline(__always)
    func take(_ state: inout Int64, units: Int, now: Int64) {
        state = now + min(backlog(state, now: now) + cost(units), Self.longest)
    }

    /// Takes the difference between what was taken before and what was used, into debt if need be, or gives it back.
    func correct(_ state: inout Int64, taken: Int, used: Int, now: Int64) {
        let change = cost(used) - cost(taken)
        state = now + min(max(backlog(state, now: now) + change, 0), Self.longest)
    }

    /// How many units are left, and the nanoseconds until all of them are there again.
    func remaining(_ state: Int64, now: Int64) -> (units: Int, reset: Int64) {
        let backlog = backlog(state, now: now)
        return (Int(max(0, tolerance - backlog) / interval), backlog)
    }

    @inline(__always)
    private func backlog(_ state: Int64, now: Int64) -> Int64 {
        max(state, now) - now
    }

    @inline(__always)
    private func cost(_ units: Int) -> Int64 {
        let (product, isTooLong) = Int64(max(0, units)).multipliedReportingOverflow(by: interval)
        return isTooLong ? longestCost : min(product, longestCost)
    }
}
