import Synchronization

/// A run of counting cells that one thread slot writes to.
///
/// Cells of one slot lie side by side and apart from those of other slots, so that counting moves no cache line from
/// one processor to another.
final class CellPage: Sendable {
    /// Cells that may be given out.
    static let capacity = 240
    /// The last cells stay unused: the page after this one may belong to another slot.
    private let cells: InlineArray<256, Atomic<UInt64>>

    init() {
        cells = InlineArray { _ in Atomic<UInt64>(0) }
    }

    @inline(__always)
    func add(_ amount: UInt64, to index: Int) {
        cells[index].wrappingAdd(amount, ordering: .relaxed)
    }

    /// Adds to a cell that holds the bits of a `Double`.
    @inline(__always)
    func addDouble(_ amount: Double, to index: Int) {
        var bits = cells[index].load(ordering: .relaxed)
        while true {
            let sum = (Double(bitPattern: bits) + amount).bitPattern
            let (exchanged, original) = cells[index].weakCompareExchange(
                expected: bits,
                desired: sum,
                ordering: .relaxed
            )
            if exchanged { return }
            bits = original
        }
    }

    @inline(__always)
    func store(_ bits: UInt64, in index: Int) {
        cells[index].store(bits, ordering: .relaxed)
    }

    func load(_ index: Int) -> UInt64 {
        cells[index].load(ordering: .relaxed)
    }
}
