import APITranslation
import NIOCore

/// Decides what becomes of one call to upstream: whether a failure leads to another attempt, and when it takes too long.
///
/// Knows no channel, no clock and no client.
struct CallStateMachine {
    struct Limits {
        var firstEvent: TimeAmount
        var idle: TimeAmount
        var total: TimeAmount
        var retry = RetryPolicy()
    }

    enum Timeout: Equatable {
        case firstEvent, idle, total
    }

    enum FailureAction: Equatable {
        /// Ask again on the other generation path.
        case retryOtherPath
        /// Send the same request again after a pause.
        case retry(after: TimeAmount)
        /// The failure is the caller's to hear.
        case giveUp
    }

    private enum State {
        case idle
        /// Upstream is asked; `progress` is its last sign of life.
        case calling(progress: NIODeadline)
        /// Between a failure and its retry: upstream's silence is ours.
        case pausing
        case finished
    }

    private var state = State.idle
    /// Calls to upstream, of whatever kind.
    private(set) var attempts = 0
    private(set) var hasTriedOtherPath = false
    private var hasProgressed = false
    private var retries = 0
    private var started = NIODeadline.distantPast
    private var limits: Limits

    /// Without `mayRepeat` only the other generation path is tried: the client repeats the rest.
    init(limits: Limits, mayRepeat: Bool = true) {
        self.limits = limits
        if !mayRepeat { self.limits.retry.maximumAttempts = 1 }
    }

    mutating func callStarted(now: NIODeadline) {
        if attempts == 0 { started = now }
        attempts += 1
        state = .calling(progress: now)
    }

    /// Upstream sent something that counts.
    mutating func progressed(now: NIODeadline) {
        state = .calling(progress: now)
        hasProgressed = true
    }

    /// The call failed; `canRepeat` says whether its bytes are still there.
    mutating func failed(_ failure: Disposition, canRepeat: Bool, now: NIODeadline, random: UInt64) -> FailureAction {
        // Upstream may not have begun to answer.
        if canRepeat, !hasProgressed {
            if failure.isWrongPath, !hasTriedOtherPath {
                hasTriedOtherPath = true
                return .retryOtherPath
            }
            let pause = limits.retry.pause(
                before: retries + 1,
                failure,
                spent: now - started,
                total: limits.total,
                random: random
            )
            if let pause {
                retries += 1
                state = .pausing
                return .retry(after: pause)
            }
        }
        state = .finished
        return .giveUp
    }

    /// Nothing more is expected of the call.
    mutating func finish() { state = .finished }

    /// The time limit that has been reached, if any.
    func timeout(now: NIODeadline) -> Timeout? {
        switch state {
        case .idle, .finished: return nil
        case .pausing: return now - started >= limits.total ? .total : nil
        case .calling(let progress):
            if now - started >= limits.total { return .total }
            guard now - progress >= (hasProgressed ? limits.idle : limits.firstEvent) else { return nil }
            return hasProgressed ? .idle : .firstEvent
        }
    }
}
