import AdmissionControl
import TestSupport
import Testing

@Suite struct FairQueueTests {
    private func token(_ outcome: FairQueue<Int>.Outcome) throws -> FairQueue<Int>.Token {
        guard case .waiting(let token) = outcome else { throw AdmissionError("\(outcome)") }
        return token
    }

    @Test func aCrowdDelaysAnotherByOneTurn() throws {
        var queue = FairQueue<String>(maximumCount: 2000, maximumPerCaller: 1000)
        for number in 0..<1000 { _ = queue.enqueue("crowd \(number)", caller: CallerID(1), deadline: 10) }
        _ = queue.enqueue("single", caller: CallerID(2), deadline: 10)
        _ = queue.enqueue("nameless", caller: nil, deadline: 10)
        let order = (0..<4).map { _ in queue.next() }
        #expect(order == ["crowd 0", "single", "nameless", "crowd 1"])
        _ = queue.enqueue("single again", caller: CallerID(2), deadline: 10)
        #expect([queue.next(), queue.next()] == ["crowd 2", "single again"])
        #expect(queue.count == 997)
    }

    @Test func boundsHoldInTotalAndForEachCaller() throws {
        var queue = FairQueue<Int>(maximumCount: 3, maximumPerCaller: 2)
        let first = try token(queue.enqueue(1, caller: CallerID(1), deadline: 5))
        _ = try token(queue.enqueue(2, caller: CallerID(1), deadline: 5))
        #expect(queue.enqueue(3, caller: CallerID(1), deadline: 5) == .callerFull)
        _ = try token(queue.enqueue(4, caller: CallerID(2), deadline: 5))
        #expect(queue.enqueue(5, caller: CallerID(3), deadline: 5) == .full)
        #expect(queue.remove(first) == 1)
        #expect(queue.remove(first) == nil)
        _ = try token(queue.enqueue(6, caller: CallerID(3), deadline: 5))
        #expect([queue.next(), queue.next(), queue.next(), queue.next()] == [2, 4, 6, nil])
        var none = FairQueue<Int>(maximumCount: 0, maximumPerCaller: 9)
        #expect(none.enqueue(1, caller: nil, deadline: 5) == .full)
    }

    @Test func aUsedTokenDoesNotReachTheNextInItsPlace() throws {
        var queue = FairQueue<Int>(maximumCount: 1, maximumPerCaller: 1)
        let old = try token(queue.enqueue(1, caller: nil, deadline: 5))
        #expect(queue.next() == 1)
        _ = queue.enqueue(2, caller: nil, deadline: 5)
        #expect(queue.remove(old) == nil)
        #expect(queue.count == 1)
    }

    @Test func deadlinesTakeOutWhatWaitedTooLong() throws {
        var queue = FairQueue<Int>(maximumCount: 10, maximumPerCaller: 10)
        for (element, deadline) in [(1, 30), (2, 10), (3, 20), (4, 10)] as [(Int, Int64)] {
            _ = queue.enqueue(element, caller: CallerID(UInt64(element % 2)), deadline: deadline)
        }
        #expect(queue.earliestDeadline == 10)
        #expect(queue.expire(now: 9) == [])
        #expect(queue.expire(now: 10) == [2, 4])
        #expect(queue.earliestDeadline == 20)
        #expect(queue.next() == 1)
        #expect(queue.expire(now: 100) == [3])
        #expect(queue.isEmpty && queue.earliestDeadline == .max)
    }

    @Test func whoMayNotRunYetKeepsTheTurnAndStopsNobody() throws {
        var queue = FairQueue<Int>(maximumCount: 10, maximumPerCaller: 10)
        for element in [10, 11, 20, 21, 30] {
            _ = queue.enqueue(element, caller: CallerID(UInt64(element / 10)), deadline: 5)
        }
        var asked: [Int] = []
        #expect(
            queue.next {
                asked.append($0); return $0 >= 20
            } == 20
        )
        #expect(asked == [10, 20])
        #expect(queue.next { $0 >= 20 } == 30)
        #expect([queue.next(), queue.next(), queue.next(), queue.next()] == [10, 21, 11, nil])
        #expect(queue.next { _ in false } == nil)
    }

    /// Random use against lists of lists: nothing is lost, doubled or served out of turn.
    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func agreesWithANaiveModel(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var queue = FairQueue<Int>(maximumCount: 30, maximumPerCaller: 8)
        var lines: [(caller: UInt64, elements: [(Int, Int64, FairQueue<Int>.Token)])] = []
        for step in 0..<20_000 {
            let now = Int64(step)
            switch Int.random(in: 0...9, using: &generator) {
            case 0...4:
                let caller = UInt64.random(in: 0...6, using: &generator)
                let deadline = now + Int64.random(in: 1...60, using: &generator)
                let outcome = queue.enqueue(step, caller: CallerID(caller), deadline: deadline)
                let line = lines.firstIndex { $0.caller == caller }
                if lines.reduce(0, { $0 + $1.elements.count }) == 30 {
                    try #require(outcome == .full)
                } else if let line, lines[line].elements.count == 8 {
                    try #require(outcome == .callerFull)
                } else if let line {
                    lines[line].elements.append((step, deadline, try token(outcome)))
                } else {
                    lines.append((caller, [(step, deadline, try token(outcome))]))
                }
            case 5...7:
                var expected: Int?
                if !lines.isEmpty {
                    var line = lines.removeFirst()
                    expected = line.elements.removeFirst().0
                    lines.append(line)
                }
                try #require(queue.next() == expected)
            case 8:
                guard let line = lines.indices.randomElement(using: &generator) else { continue }
                let index = Int.random(in: lines[line].elements.indices, using: &generator)
                let (element, _, token) = lines[line].elements.remove(at: index)
                try #require(queue.remove(token) == element)
            default:
                let expired = lines.flatMap(\.elements).filter { $0.1 <= now }.map(\.0).sorted()
                for line in lines.indices { lines[line].elements.removeAll { $0.1 <= now } }
                try #require(queue.expire(now: now) == expired)
            }
            lines.removeAll { $0.elements.isEmpty }
            try #require(queue.count == lines.reduce(0) { $0 + $1.elements.count })
        }
    }
}
