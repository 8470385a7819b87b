import APITranslation
import NIOCore
import Synchronization

/// What upstream has said of tasks a moment ago, for clients that ask for the same task again and again.
///
/// Of each task one query is under way at a time, whatever the number of clients; its answer is everybody's with the same key.
final class TaskAnswers: Sendable {
    /// A task as one caller sees it.
    struct Key: Hashable, Sendable {
        var owner: UInt64
        /// What the caller says to upstream beside the key: another workspace is another answer.
        var context: String
        var task: String
    }

    typealias Outcome = Result<ByteBuffer, APIError>

    enum Found {
        /// Fresh enough.
        case answer(ByteBuffer)
        /// A query is under way, and the waiter is told of its end.
        case underWay
        /// The one who asked must query, and then ``end(_:_:now:)``; it is told of the end, too.
        case nothing
    }

    fileprivate struct Entry {
        var answer: ByteBuffer?
        var time = NIODeadline.distantPast
        var isAsked = false
        /// By number.
        var waiting: [(UInt64, @Sendable (Outcome) -> Void)] = []
    }

    fileprivate struct State {
        var entries: [Key: Entry] = [:]
        /// Answers by their time, the oldest first, from `first` on.
        var order: [(key: Key, time: NIODeadline)] = []
        var first = 0
        var bytes = 0
        var number: UInt64 = 0
    }

    /// Answers beyond these are forgotten, the oldest first.
    private static let mostBytes = 8 << 20
    private static let mostAnswers = 10_000

    private let state = Mutex(State())

    /// Looks a task up.
    ///
    /// `waiter` is called on any thread, once, unless it ``leave(_:_:)``s, for which it has a number.
    func find(
        _ key: Key,
        age: TimeAmount,
        now: NIODeadline,
        waiter: @escaping @Sendable (Outcome) -> Void
    ) -> (Found, UInt64) {
        state.withLock { state in
            var entry = state.entries[key] ?? Entry()
            if let answer = entry.answer, now - entry.time < age { return (.answer(answer), 0) }
            if let old = entry.answer { state.bytes -= old.readableBytes }
            entry.answer = nil
            state.number += 1
            entry.waiting.append((state.number, waiter))
            let found: Found = entry.isAsked ? .underWay : .nothing
            entry.isAsked = true
            state.entries[key] = entry
            return (found, state.number)
        }
    }

    /// A waiter does not wait any more.
    func leave(_ key: Key, _ number: UInt64) {
        state.withLock { $0.entries[key]?.waiting.removeAll { $0.0 == number } }
    }

    /// Whether somebody waits; where nobody does, the task counts as not asked for.
    func isAwaited(_ key: Key) -> Bool {
        state.withLock { state in
            guard let entry = state.entries[key], !entry.waiting.isEmpty else {
                state.settle(key, nil, .distantPast)
                return false
            }
            return true
        }
    }

    /// A query has ended: all who wait are told, and a good answer is kept for those who ask next.
    func end(_ key: Key, _ outcome: Outcome, now: NIODeadline) {
        let waiting = state.withLock { state in
            let waiting = state.entries[key]?.waiting ?? []
            state.settle(key, try? outcome.get(), now)
            while state.first < state.order.count,
                state.order.count - state.first > Self.mostAnswers || state.bytes > Self.mostBytes
            { state.forgetOldest() }
            return waiting
        }
        for (_, waiter) in waiting { waiter(outcome) }
    }
}

extension TaskAnswers.State {
    fileprivate mutating func settle(_ key: TaskAnswers.Key, _ answer: ByteBuffer?, _ now: NIODeadline) {
        if let old = entries.removeValue(forKey: key)?.answer { bytes -= old.readableBytes }
        guard let answer else { return }
        entries[key] = TaskAnswers.Entry(answer: answer, time: now)
        bytes += answer.readableBytes
        order.append((key, now))
    }

    fileprivate mutating func forgetOldest() {
        let (key, time) = order[first]
        first += 1
        if first > 64, first * 2 > order.count {
            order.removeFirst(first)
            first = 0
        }
        guard let entry = entries[key], entry.time == time, let answer = entry.answer else { return }
        bytes -= answer.readableBytes
        entries[key] = nil
    }
}
