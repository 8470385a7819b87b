import Synchronization

/// The batches of all callers, each seen by its owner only.
final class BatchStore: Sendable {
    private struct State {
        var batches: [String: Batch] = [:]
        /// Ids, the oldest first.
        var order: [String] = []
    }

    private static let mostBatches = 1_000

    private let state = Mutex(State())

    func reset() { state.withLock { $0 = State() } }

    func add(_ batch: Batch) {
        state.withLock { state in
            state.batches[batch.id] = batch
            state.order.append(batch.id)
            if state.order.count > Self.mostBatches { state.batches[state.order.removeFirst()] = nil }
        }
    }

    func batch(_ id: String, owner: String) -> Batch? {
        state.withLock { $0.batches[id].flatMap { $0.owner == owner ? $0 : nil } }
    }

    /// Puts a batch in its place unless it has left the state in which it was read; what is there then.
    func update(_ batch: Batch, from status: String) -> Batch {
        state.withLock { state in
            guard let current = state.batches[batch.id], current.status == status else {
                return state.batches[batch.id] ?? batch
            }
            state.batches[batch.id] = batch
            return batch
        }
    }

    /// The batches of a caller behind another one, the newest first; nil where that other is not known.
    func batches(of owner: String, after: String?) -> [Batch]? {
        state.withLock { state in
            var ids = state.order[...]
            if let after {
                guard let place = ids.lastIndex(of: after) else { return nil }
                ids = ids[..<place]
            }
            return ids.reversed().compactMap { state.batches[$0] }.filter { $0.owner == owner }
        }
    }
}
