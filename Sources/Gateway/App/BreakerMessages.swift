import Logging
import Synchronization
import Upstream

/// Tells in the log that upstream is down and that it is back: once for all event loops, each of which has a breaker.
final class BreakerMessages: Sendable {
    private let host: String
    private let logger: Logger
    private let openCount = Atomic<Int>(0)

    init(host: String, logger: Logger) {
        self.host = host
        self.logger = logger
    }

    /// A loop's breaker opened or closed.
    func changed(_ breaker: CircuitBreaker) {
        if breaker.state == .closed {
            guard openCount.subtract(1, ordering: .relaxed).newValue == 0 else { return }
            logger.notice("upstream answers again: the circuit breaker is closed", metadata: ["host": "\(host)"])
        } else if openCount.add(1, ordering: .relaxed).oldValue == 0 {
            logger.warning(
                "upstream fails: the circuit breaker is open, calls are answered 503",
                metadata: ["host": "\(host)", "reason": "\(breaker.reason)"]
            )
        }
    }
}
