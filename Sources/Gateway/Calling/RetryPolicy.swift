import APITranslation
package import NIOCore

/// When a request that upstream refused, or that never reached it, is sent again.
///
/// The pause is random between nothing and a bound that doubles with each retry, so that callers who were refused
/// together do not come back together. Chance and time are arguments.
package struct RetryPolicy: Sendable, Equatable {
    /// Calls in total, the first included and the one on the other generation path not; 1 means no retry.
    package var maximumAttempts = 3
    /// The bound of the first pause.
    package var baseDelay = TimeAmount.milliseconds(500)
    package var maximumDelay = TimeAmount.seconds(8)
    /// No retry begins later than this after the first call.
    package var deadline = TimeAmount.seconds(30)

    package init() {}

    /// The pause before a retry, or nil where the failure is the caller's to hear.
    ///
    /// `retry` counts from 1, `spent` is the time since the first call,
    /// `total` the time limit of the whole request, `random` any 64 random bits.
    func pause(
        before retry: Int,
        _ failure: Disposition,
        spent: TimeAmount,
        total: TimeAmount,
        random: UInt64
    ) -> TimeAmount? {
        guard retry < maximumAttempts else { return nil }
        var bound = baseDelay.nanoseconds
        switch failure.retry {
        case .never: return nil
        case .once: guard retry == 1 else { return nil }
        case .onceLater:
            guard retry == 1 else { return nil }
            bound *= 4
        case .repeatedly: bound <<= Int64(min(retry - 1, 16))
        }
        bound = min(bound, maximumDelay.nanoseconds)
        let left = min(deadline, total) - spent
        let jitter = Int64(random.multipliedFullWidth(by: UInt64(max(0, bound)) + 1).high)
        // Upstream's wait is never cut short: where it is too long for us, it is passed on.
        guard let asked = failure.wait.map(TimeAmount.init) else {
            return .nanoseconds(jitter) < left ? .nanoseconds(jitter) : nil
        }
        return asked < left ? min(asked + .nanoseconds(jitter), left) : nil
    }
}
