package import Logging
import Synchronization

/// The least level that is logged, shared by all loggers so that it can be changed while they run.
package final class LogThreshold: Sendable {
    private let rank: Atomic<Int>

    package init(_ level: Logger.Level) {
        rank = Atomic(level.rank)
    }

    /// The least level that is logged.
    package var level: Logger.Level {
        get { Logger.Level.allCases[rank.load(ordering: .relaxed)] }
        set { rank.store(newValue.rank, ordering: .relaxed) }
    }
}

extension Logger.Level {
    /// Its place in `allCases`, which begins with `trace`.
    fileprivate var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
