import APITranslation
import Synchronization

/// Generation paths learned from "url error" refusals, by model name.
final class PathMemory: Sendable {
    private static let limit = 1024

    private let paths = Mutex<[String: DashScopeOperation]>([:])
    private let count = Atomic<Int>(0)

    /// The path learned for a model; costs nothing while nothing has been learned.
    func operation(for model: String) -> DashScopeOperation? {
        guard count.load(ordering: .relaxed) > 0 else { return nil }
        return paths.withLock { $0[model] }
    }

    func learn(_ operation: DashScopeOperation, for model: String) {
        paths.withLock { paths in
            // Names are the callers' words: a flood of them must not fill the memory.
            if paths.count >= Self.limit { paths.removeAll(keepingCapacity: true) }
            paths[model] = operation
            count.store(paths.count, ordering: .relaxed)
        }
    }
}
