import Synchronization

/// Hands out the cells of series; taken only when a series is made or given up, never to count.
final class CellArena: Sendable {
    private struct State {
        var pages: [CellPage] = []
        /// Cells of `pages` that are given out.
        var used = CellPage.capacity
        /// Blocks given back, by their size.
        var free: [Int: [CellBlock]] = [:]
    }

    let slots: ThreadSlots
    private let state = Mutex(State())

    init(slotCount: Int) {
        slots = ThreadSlots(count: slotCount)
    }

    /// Cells that are zero.
    func take(_ count: Int) -> CellBlock {
        precondition(count > 0 && count <= CellPage.capacity, "a series has a bounded number of cells")
        return state.withLock { state in
            if let block = state.free[count]?.popLast() { return block }
            if state.used + count > CellPage.capacity {
                state.pages = (0..<slots.count).map { _ in CellPage() }
                state.used = 0
            }
            defer { state.used += count }
            return CellBlock(pages: state.pages, offset: state.used, count: count, slots: slots)
        }
    }

    /// Takes cells back from a series that is no longer referenced.
    func giveBack(_ block: CellBlock) {
        block.clear()
        state.withLock { $0.free[block.count, default: []].append(block) }
    }
}
