/// Counts the queries of any second.
struct QueryRate {
    private(set) var total = 0
    private(set) var refused = 0
    /// The most within one second, wherever it begins.
    private(set) var busiest = 0
    /// Those of the last second, from `first` on.
    private var times: [ContinuousClock.Instant] = []
    private var first = 0

    /// Counts a query; false where it is one too many.
    mutating func take(limit: Int?, now: ContinuousClock.Instant = .now) -> Bool {
        total += 1
        while first < times.count, now - times[first] >= .seconds(1) { first += 1 }
        if first > 1024, first * 2 > times.count {
            times.removeFirst(first)
            first = 0
        }
        times.append(now)
        busiest = max(busiest, times.count - first)
        guard let limit, times.count - first > limit else { return true }
        refused += 1
        return false
    }
}
