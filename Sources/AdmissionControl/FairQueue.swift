/// A bounded queue that serves callers in turn: each caller's elements in order, one from each caller a round.
///
/// For one event loop; it is not locked. An element leaves by `next`, `expire` or `remove`, exactly once.
package struct FairQueue<Element> {
    /// Names a waiting element; never used twice in a queue.
    package struct Token: Hashable, Sendable {
        fileprivate let slot: Int
        fileprivate let number: UInt64
    }

    package enum Outcome: Sendable, Equatable {
        case waiting(Token)
        /// As many wait as may wait.
        case full
        /// As many of this caller wait as may wait of one.
        case callerFull
    }

    package let maximumCount: Int
    package let maximumPerCaller: Int
    /// How many wait.
    package private(set) var count = 0
    /// No element's deadline is before this time (nanoseconds); until then `expire` finds nothing.
    package private(set) var earliestDeadline = Int64.max

    private var items: [Item] = []
    private var vacantItems: [Int] = []
    private var lines: [Line] = []
    private var vacantLines: [Int] = []
    private var lineOfCaller: [CallerID?: Int] = [:]
    // The line to be served first, and the one served last.
    private var firstLine = -1
    private var lastLine = -1
    private var lastNumber: UInt64 = 0

    /// A queue with these bounds; one of 0 means that nothing may wait.
    package init(maximumCount: Int, maximumPerCaller: Int) {
        self.maximumCount = maximumCount
        self.maximumPerCaller = maximumPerCaller
    }

    package var isEmpty: Bool { count == 0 }

    /// Lets an element wait until `deadline` (nanoseconds) at the end of its caller's line; those without a caller
    /// share one.
    package mutating func enqueue(_ element: Element, caller: CallerID?, deadline: Int64) -> Outcome {
        guard count < maximumCount else { return .full }
        let known = lineOfCaller[caller]
        guard known.map({ lines[$0].count }) ?? 0 < maximumPerCaller else { return .callerFull }
        let line = known ?? openLine(for: caller)
        lastNumber += 1
        let item = Item(
            element: element,
            number: lastNumber,
            line: line,
            deadline: deadline,
            previous: lines[line].last
        )
        let slot: Int
        if let vacant = vacantItems.popLast() {
            slot = vacant
            items[slot] = item
        } else {
            slot = items.count
            items.append(item)
        }
        if lines[line].last >= 0 { items[lines[line].last].next = slot } else { lines[line].first = slot }
        lines[line].last = slot
        lines[line].count += 1
        count += 1
        earliestDeadline = min(earliestDeadline, deadline)
        return .waiting(Token(slot: slot, number: lastNumber))
    }

    /// Takes out the first element of the caller whose turn it is; that caller then comes last.
    package mutating func next() -> Element? {
        next { _ in true }
    }

    /// Takes out the first element, in the order of turns, that may run now; only the first of each caller is asked
    /// about.
    ///
    /// A caller whose first element may not run keeps its turn.
    package mutating func next(where mayRun: (Element) throws -> Bool) rethrows -> Element? {
        var line = firstLine
        while line >= 0 {
            let slot = lines[line].first
            if let element = items[slot].element, try mayRun(element) {
                unlink(line)
                append(line)
                return take(slot)
            }
            line = lines[line].next
        }
        return nil
    }

    /// Takes out an element whose client left; nil if it is gone already.
    package mutating func remove(_ token: Token) -> Element? {
        guard items.indices.contains(token.slot), items[token.slot].number == token.number else { return nil }
        return take(token.slot)
    }

    /// Takes out all elements whose deadline has come, those that waited longest first.
    package mutating func expire(now: Int64) -> [Element] {
        guard earliestDeadline <= now else { return [] }
        var expired: [Int] = []
        var earliest = Int64.max
        for slot in items.indices where items[slot].element != nil {
            if items[slot].deadline <= now {
                expired.append(slot)
            } else {
                earliest = min(earliest, items[slot].deadline)
            }
        }
        earliestDeadline = earliest
        expired.sort { items[$0].number < items[$1].number }
        return expired.compactMap { take($0) }
    }
}

extension FairQueue {
    private struct Item {
        // Nil when the slot is vacant; then the number is 0.
        var element: Element?
        var number: UInt64
        var line: Int
        var deadline: Int64
        var previous: Int
        var next = -1
    }

    private struct Line {
        var caller: CallerID?
        var count = 0
        var first = -1
        var last = -1
        var previous = -1
        var next = -1
    }

    private mutating func take(_ slot: Int) -> Element? {
        let item = items[slot]
        let line = item.line
        if item.previous >= 0 { items[item.previous].next = item.next } else { lines[line].first = item.next }
        if item.next >= 0 { items[item.next].previous = item.previous } else { lines[line].last = item.previous }
        lines[line].count -= 1
        items[slot].element = nil
        items[slot].number = 0
        vacantItems.append(slot)
        count -= 1
        if lines[line].count == 0 {
            unlink(line)
            lineOfCaller[lines[line].caller] = nil
            vacantLines.append(line)
        }
        if count == 0 { earliestDeadline = .max }
        return item.element
    }

    private mutating func openLine(for caller: CallerID?) -> Int {
        let line: Int
        if let vacant = vacantLines.popLast() {
            line = vacant
            lines[line] = Line(caller: caller)
        } else {
            line = lines.count
            lines.append(Line(caller: caller))
        }
        lineOfCaller[caller] = line
        append(line)
        return line
    }

    private mutating func append(_ line: Int) {
        lines[line].previous = lastLine
        lines[line].next = -1
        if lastLine >= 0 { lines[lastLine].next = line } else { firstLine = line }
        lastLine = line
    }

    private mutating func unlink(_ line: Int) {
        let (previous, next) = (lines[line].previous, lines[line].next)
        if previous >= 0 { lines[previous].next = next } else { firstLine = next }
        if next >= 0 { lines[next].previous = previous } else { lastLine = previous }
    }
}
