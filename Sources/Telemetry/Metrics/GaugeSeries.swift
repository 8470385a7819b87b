import CoreMetrics

/// One value that goes up and down; the last one set stands.
final class GaugeSeries: MeterHandler, RecorderHandler, Sendable {
    private let cells: CellBlock
    private let arena: CellArena
    // A value that can be set cannot be divided among threads: all of them use the first page.
    private let page: CellPage

    init(arena: CellArena) {
        self.arena = arena
        cells = arena.take(1)
        page = cells.pages[0]
    }

    deinit { arena.giveBack(cells) }

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { page.store(value.bitPattern, in: cells.offset) }
    func increment(by amount: Double) { page.addDouble(amount, to: cells.offset) }
    func decrement(by amount: Double) { page.addDouble(-amount, to: cells.offset) }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }

    /// The value now.
    var value: MetricValue { .real(Double(bitPattern: page.load(cells.offset))) }
}
