import Synchronization

/// A table behind its own lock.
final class ScopeShard<Key: Hashable & Sendable>: Sendable {
    let table: Mutex<ScopeTable<Key>>

    init(_ table: ScopeTable<Key>) {
        self.table = Mutex(table)
    }
}
