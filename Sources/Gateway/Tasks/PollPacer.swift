import NIOCore
import Synchronization

/// Spreads the queries of all tasks of the process: DashScope counts them for the whole account.
///
/// Each query gets a turn of its own, in the order in which they become due. Calls that wait for tasks may have taken turns
/// for a minute ahead: among those, one in five is left for clients that ask for a task themselves.
final class PollPacer: Sendable {
    /// Who asks.
    enum Asker {
        case waitingCall, client
    }

    fileprivate struct State {
        /// The next turn behind all others, in nanoseconds of the monotonic clock.
        var next: Int64 = 0
        /// Turns in front of it that are left for clients.
        var left = Turns()
        /// Turns in front of it that were given back.
        var free = Turns()
        /// Turns that were taken ahead since one was left.
        var taken = 0
    }

    private static let share = 5

    private let state = Mutex(State())

    /// Takes a turn; the time until it comes, or, where that is longer than `longest`, no turn.
    func reserve(
        now: NIODeadline,
        perSecond: Int,
        for asker: Asker = .waitingCall,
        longest: TimeAmount? = nil
    ) -> (wait: TimeAmount, isTaken: Bool) {
        let now = Int64(clamping: now.uptimeNanoseconds)
        let length = 1_000_000_000 / Int64(max(1, perSecond))
        return state.withLock { state in
            state.left.forget(before: now)
            state.free.forget(before: now)
            // One that is left for clients and that nobody has asked for by now would be lost.
            let left = state.left.next.flatMap { asker == .client || $0 - now < length ? $0 : nil }
            if let turn = [left, state.free.next].compactMap({ $0 }).min() {
                if let longest, turn - now > longest.nanoseconds { return (.nanoseconds(turn - now), false) }
                if turn == left { state.left.take() } else { state.free.take() }
                return (.nanoseconds(turn - now), true)
            }
            let turn = max(state.next, now)
            if let longest, turn - now > longest.nanoseconds { return (.nanoseconds(turn - now), false) }
            state.next = turn + length
            state.taken = turn > now ? state.taken + 1 : 0
            if state.taken == Self.share - 1 {
                state.taken = 0
                state.left.add(state.next)
                state.next += length
            }
            return (.nanoseconds(turn - now), true)
        }
    }

    /// Nobody needs a turn any more: the next one who asks gets it.
    func giveBack(_ turn: NIODeadline) {
        state.withLock { $0.free.add(Int64(clamping: turn.uptimeNanoseconds)) }
    }
}

/// Turns that can be taken, the earliest first.
private struct Turns {
    /// More are not kept: a backlog that long has none of use to anybody.
    private static let most = 4096

    /// From `first` on.
    private var times: [Int64] = []
    private var first = 0

    var next: Int64? { first < times.count ? times[first] : nil }

    mutating func take() { first += 1 }

    mutating func add(_ time: Int64) {
        guard times.count - first < Self.most else { return }
        var (low, high) = (first, times.count)
        while low < high {
            let middle = (low + high) / 2
            if times[middle] < time { low = middle + 1 } else { high = middle }
        }
        times.insert(time, at: low)
    }

    mutating func forget(before now: Int64) {
        while first < times.count, times[first] < now { first += 1 }
        guard first > 64, first * 2 > times.count else { return }
        times.removeFirst(first)
        first = 0
    }
}
