import CoreMetrics

/// One counter: whole and fractional amounts, which only ever grow.
final class CounterSeries: CounterHandler, FloatingPointCounterHandler, Sendable {
    private let cells: CellBlock
    private let arena: CellArena

    init(arena: CellArena) {
        self.arena = arena
        cells = arena.take(2)
    }

    deinit { arena.giveBack(cells) }

    func increment(by amount: Int64) { increment(by: Int(amount), slot: cells.slots.current) }

    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        cells.addDouble(amount, to: 1, slot: cells.slots.current)
    }

    /// Counts in the cells of one slot.
    @inline(__always)
    func increment(by amount: Int = 1, slot: Int) {
        guard amount > 0 else { return }
        cells.add(UInt64(amount), to: 0, slot: slot)
    }

    func reset() { cells.clear() }

    /// The count so far.
    var value: MetricValue {
        let fraction = cells.doubleTotal(1)
        return fraction == 0 ? .whole(Int(clamping: cells.total(0))) : .real(Double(cells.total(0)) + fraction)
    }

    /// The whole amounts counted so far.
    var wholeValue: Int { Int(clamping: cells.total(0)) }
}
