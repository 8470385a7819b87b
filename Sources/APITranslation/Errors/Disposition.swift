/// The part of a failure that the gateway acts on and no client is told: whether the call is made again, and how.
///
/// Travels with its ``APIError``, because the failure of a call is known in many places and judged in one. The rows of
/// ``ErrorTable`` give the advice, headers of the answer may change it.
package struct Disposition: Equatable, Sendable {
    /// The meaning of a failure for the host that was called.
    package enum Health: Sendable {
        /// The host answered, or was not asked.
        case unharmed
        /// An error page of the edge, or a refusal of the proxy: other calls will hardly fare better.
        case failing
    }

    /// Whether the identical call may be made again.
    package var retry = RetryAdvice.never
    /// Upstream said "url error": the model lives on the other generation path.
    package var isWrongPath = false
    /// The wait that upstream asked for before the next call.
    package var wait: Duration?
    package var health = Health.unharmed

    package init(retry: RetryAdvice = .never, isWrongPath: Bool = false, wait: Duration? = nil) {
        self.retry = retry
        self.isWrongPath = isWrongPath
        self.wait = wait
    }
}
