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
    func recordNanoseconds(_ duration: Int64) { record(nanoseconds: duration, slot: cells.slots.current) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        // One such value would make the sum useless.
        guard value.isFinite else { return }
        record(value, slot: cells.slots.current)
    }

    /// Records a time in the cells of one slot.
    @inline(__always)
    func record(nanoseconds: Int64, slot: Int) {
        // Divided, not multiplied by 1e-9: a time that equals a bound falls below it.
        record(Double(max(0, nanoseconds)) / 1e9, slot: slot)
    }

    @inline(__always)
    private func record(_ value: Double, slot: Int) {
        var bucket = 0
        while bucket < bounds.count, value > bounds[bucket] { bucket += 1 }
        cells.add(1, to: bucket, slot: slot)
        cells.addDouble(value, to: bounds.count + 1, slot: slot)
    }

    /// The counts of each bucket (not cumulative, the last one is above every bound) and the sum.
    var value: MetricValue {
        let counts = (0...bounds.count).map { Int(clamping: cells.total($0)) }
        return .distribution(bounds: bounds, counts: counts, sum: cells.doubleTotal(bounds.count + 1))
    }
}
