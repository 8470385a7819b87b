import NIOCore
import Synchronization

/// Spreads the queries of all tasks of the process: DashScope counts them for the whole account.
///
/// Each query gets a turn of its own, in the order in which they become due.
final class PollPacer: Sendable {
    /// The next turn, in nanoseconds of the monotonic clock.
    private let next = Mutex<Int64>(0)

    /// Takes a turn; the time until it comes.
    func reserve(now: NIODeadline, perSecond: Int) -> TimeAmount {
        next.withLock { next in
            let turn = max(next, now.nanoseconds)
            next = turn + 1_000_000_000 / Int64(max(1, perSecond))
            return .nanoseconds(turn - now.nanoseconds)
        }
    }
}
