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
        /// Turns in front of it that are left for clients, from `first` on.
        var left: [Int64] = []
        var first = 0
        /// Turns that were taken ahead since one was left.
        var taken = 0
    }

    private static let share = 5
    /// More are not left: a backlog that long has none of use to a client.
    private static let mostLeft = 4096

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
            state.forget(before: now)
            if let turn = state.nextLeft, asker == .client || turn - now < length {
                // One that nobody has asked for by now would be lost.
                if let longest, turn - now > longest.nanoseconds { return (.nanoseconds(turn - now), false) }
                state.first += 1
                return (.nanoseconds(turn - now), true)
            }
            let turn = max(state.next, now)
            if let longest, turn - now > longest.nanoseconds { return (.nanoseconds(turn - now), false) }
            state.next = turn + length
            state.taken = turn > now ? state.taken + 1 : 0
            if state.taken == Self.share - 1 {
                state.taken = 0
                if state.left.count - state.first < Self.mostLeft { state.left.append(state.next) }
                state.next += length
            }
            return (.nanoseconds(turn - now), true)
        }
    }
}

extension PollPacer.State {
    fileprivate var nextLeft: Int64? { first < left.count ? left[first] : nil }

    fileprivate mutating func forget(before now: Int64) {
        while first < left.count, left[first] < now { first += 1 }
        guard first > 64, first * 2 > left.count else { return }
        left.removeFirst(first)
        first = 0
    }
}
