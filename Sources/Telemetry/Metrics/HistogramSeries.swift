import CoreMetrics

/// One distribution: how many values fell below each bound, and their sum.
final class HistogramSeries: TimerHandler, RecorderHandler, Sendable {
    /// Upper bounds in base units, ascending, without infinity.
    let bounds: [Double]
    private let cells: CellBlock
    private let arena: CellArena

    init(bounds: [Double], arena: CellArena) {
        self.bounds = bounds
        self.arena = arena
        // A cell for each bound, one for what is above the last, one for the sum.
        cells = arena.take(bounds.count + 2)
    }

    deinit { arena.giveBack(cells) }

    /// Records a time; the sum and the bounds are in seconds.
    func recordNanoseconds(_ duration: Int64) {
        // Divided, not multiplied by 1e-9: a time that equals a bound falls below it.
        record(Double(max(0, duration)) / 1e9)
    }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        // One such value would spoil the sum for good.
        guard value.isFinite else { return }
        var bucket = 0
        while bucket < bounds.count, value > bounds[bucket] { bucket += 1 }
        let page = cells.page
        page.add(1, to: cells.offset + bucket)
        page.addDouble(value, to: cells.offset + bounds.count + 1)
    }

    /// The counts of each bucket (not cumulative, the last one is above every bound) and the sum.
    var value: MetricValue {
        let counts = (0...bounds.count).map { Int(clamping: cells.total($0)) }
        return .distribution(bounds: bounds, counts: counts, sum: cells.doubleTotal(bounds.count + 1))
    }
}
