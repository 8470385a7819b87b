/// The cells of one series: the same few cells in the page of every thread slot.
struct CellBlock: Sendable {
    /// One page for each slot.
    let pages: [CellPage]
    /// Where the series begins in each page.
    let offset: Int
    let count: Int
    let slots: ThreadSlots

    /// Adds to a cell of one slot.
    @inline(__always)
    func add(_ amount: UInt64, to cell: Int, slot: Int) {
        pages[slot].add(amount, to: offset + cell)
    }

    /// Adds to a cell of one slot that holds `Double`s.
    @inline(__always)
    func addDouble(_ amount: Double, to cell: Int, slot: Int) {
        pages[slot].addDouble(amount, to: offset + cell)
    }

    /// The whole number counted in a cell, over all threads.
    func total(_ cell: Int) -> UInt64 {
        var total: UInt64 = 0
        for page in pages { total &+= page.load(offset + cell) }
        return total
    }

    /// The sum of a cell that holds `Double`s, over all threads.
    func doubleTotal(_ cell: Int) -> Double {
        var total = 0.0
        for page in pages { total += Double(bitPattern: page.load(offset + cell)) }
        return total
    }

    /// Sets every cell to zero; what is counted meanwhile may or may not be kept.
    func clear() {
        for page in pages {
            for cell in 0..<count { page.store(0, in: offset + cell) }
        }
    }
}
