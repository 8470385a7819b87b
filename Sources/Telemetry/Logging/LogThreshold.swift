package import Logging
import Synchronization

/// The least level that is logged, shared by all loggers so that it can be changed while they run.
package final class LogThreshold: Sendable {
    fileprivate let rank: Atomic<Int>

    package init(_ level: Logger.Level) {
        rank = Atomic(level.rank)
    }

    /// The least level that is logged.
    package var level: Logger.Level {
        get { Logger.Level.allCases[rank.load(ordering: .relaxed)] }
        set { rank.store(newValue.rank, ordering: .relaxed) }
    }
}

extension LogThreshold {
    /// Whether something of this level is logged.
    func admits(_ level: Logger.Level) -> Bool { level.rank >= rank.load(ordering: .relaxed) }
}

extension Logger.Level {
    /// Its place in `allCases`, which begins with `trace`.
    fileprivate var rank: Int {
        switch self {
        case .trace: 0
        case .debug: 1
        case .info: 2
        case .notice: 3
        case .warning: 4
        case .error: 5
        case .critical: 6
        }
    }
}
