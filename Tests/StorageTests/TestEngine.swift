import Storage
import Synchronization
import TestSupport

/// A kind of store, for tests that hold for all of them.
enum TestEngine: CaseIterable {
    case memory, sqlite

    /// Runs `body` with a store of this kind that is gone afterwards.
    func with(
        _ limits: StoreLimits,
        _ clock: TestClock,
        _ body: (any ObjectStore) async throws -> Void
    ) async throws {
        switch self {
        case .memory: try await body(MemoryStore(limits) { clock.now })
        case .sqlite:
            try await TestFolder.with { folder in
                let store = try SQLiteStore(path: folder + "/store.db", limits: limits) { clock.now }
                let result: Result<Void, any Error>
                do { result = .success(try await body(store)) } catch { result = .failure(error) }
                await store.close()
                try result.get()
            }
        }
    }
}

/// A clock that a test moves.
final class TestClock: Sendable {
    private let time = Mutex(1_700_000_000)

    var now: Int { time.withLock { $0 } }

    func advance(by seconds: Int) { time.withLock { $0 += seconds } }
}
