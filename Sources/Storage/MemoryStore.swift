package import NIOCore
import Synchronization

/// Keeps objects in memory until the process ends, up to a number of bytes; those used longest ago are forgotten first.
package final class MemoryStore: ObjectStore {
    private struct Entry {
        var object: StoredObject
        /// The number of its last use.
        var use: UInt64
    }

    private struct State {
        var entries: [String: Entry] = [:]
        /// Uses in their order; one that is not an entry's last counts for nothing.
        var uses = CircularBuffer<(id: String, use: UInt64)>()
        var nextUse: UInt64 = 0
        var bytes = 0

        mutating func touch(_ id: String) {
            nextUse += 1
            entries[id]?.use = nextUse
            uses.append((id, nextUse))
            // Old uses must not outgrow the entries.
            guard uses.count > 64 + 2 * entries.count else { return }
            uses = CircularBuffer(uses.filter { entries[$0.id]?.use == $0.use })
        }

        mutating func remove(_ id: String) {
            guard let entry = entries.removeValue(forKey: id) else { return }
            bytes -= entry.object.size
        }

        mutating func keep(_ object: StoredObject) {
            entries[object.id] = Entry(object: object, use: 0)
            bytes += object.size
            touch(object.id)
        }

        mutating func shrink(to maximum: Int) {
            while bytes > maximum, let oldest = uses.popFirst() {
                if entries[oldest.id]?.use == oldest.use { remove(oldest.id) }
            }
        }

        mutating func find(_ id: String, owner: UInt64) -> StoredObject? {
            guard let entry = entries[id], entry.object.owner == owner else { return nil }
            touch(id)
            return entry.object
        }
    }

    private let maximumBytes: Int
    private let state = Mutex(State())

    package init(maximumBytes: Int) {
        self.maximumBytes = maximumBytes
    }

    /// Bytes that are kept.
    package var bytes: Int { state.withLock { $0.bytes } }

    package func put(_ object: StoredObject, on loop: any EventLoop) -> EventLoopFuture<Void> {
        state.withLock { state in
            // An id is no proof of ownership.
            if let before = state.entries[object.id], before.object.owner != object.owner { return }
            state.remove(object.id)
            state.keep(object)
            state.shrink(to: maximumBytes)
        }
        return loop.makeSucceededVoidFuture()
    }

    package func get(_ id: String, owner: UInt64, on loop: any EventLoop) -> EventLoopFuture<StoredObject?> {
        loop.makeSucceededFuture(state.withLock { $0.find(id, owner: owner) })
    }

    package func chain(_ id: String, owner: UInt64, on loop: any EventLoop) -> EventLoopFuture<[StoredObject]?> {
        let chain = state.withLock { state -> [StoredObject]? in
            var chain: [StoredObject] = []
            var next: String? = id
            while let id = next {
                guard chain.count < ObjectStoreLimits.longestChain, let object = state.find(id, owner: owner) else {
                    return nil
                }
                chain.append(object)
                next = object.previous
            }
            return chain.reversed()
        }
        return loop.makeSucceededFuture(chain)
    }

    package func update(
        _ id: String,
        owner: UInt64,
        on loop: any EventLoop,
        _ change: @escaping @Sendable (inout StoredObject) -> Void
    ) -> EventLoopFuture<StoredObject?> {
        let changed = state.withLock { state -> StoredObject? in
            guard var object = state.find(id, owner: owner) else { return nil }
            change(&object)
            state.remove(id)
            state.keep(object)
            state.shrink(to: maximumBytes)
            return object
        }
        return loop.makeSucceededFuture(changed)
    }

    package func remove(_ id: String, owner: UInt64, on loop: any EventLoop) -> EventLoopFuture<Bool> {
        let found = state.withLock { state in
            guard state.find(id, owner: owner) != nil else { return false }
            state.remove(id)
            return true
        }
        return loop.makeSucceededFuture(found)
    }
}
