package import NIOCore
import Synchronization

/// Keeps objects in memory until the process ends.
package final class MemoryStore: ObjectStore {
    private let state: Mutex<MemoryStoreState>
    private let now: @Sendable () -> Int

    /// `now` gives Unix seconds.
    package init(_ limits: StoreLimits, now: @escaping @Sendable () -> Int) {
        state = Mutex(MemoryStoreState(limits))
        self.now = now
    }

    private func run<Value: Sendable>(
        on loop: any EventLoop,
        _ body: (inout MemoryStoreState) throws -> Value
    ) -> EventLoopFuture<Value> {
        loop.makeCompletedFuture { try state.withLock { state in try body(&state) } }
    }

    package func put(_ object: StoredObject, provesOwner: Bool, on loop: any EventLoop) -> EventLoopFuture<Void> {
        run(on: loop) { try $0.put(object, provesOwner: provesOwner, now: now()) }
    }

    package func get(_ id: String, owner: UInt64, on loop: any EventLoop) -> EventLoopFuture<StoredObject?> {
        run(on: loop) { $0.find(id, owner: owner, now: now()) }
    }

    package func chain(_ id: String, owner: UInt64, on loop: any EventLoop) -> EventLoopFuture<[StoredObject]?> {
        run(on: loop) { state -> [StoredObject]? in
            var chain: [StoredObject] = []
            var next: String? = id
            while let id = next {
                guard chain.count < StoreLimits.longestChain, let object = state.find(id, owner: owner, now: now())
                else { return nil }
                chain.append(object)
                next = object.previous
            }
            return chain.reversed()
        }
    }

    package func list(_ page: StoredPage, owner: UInt64, on loop: any EventLoop) -> EventLoopFuture<StoredList?> {
        run(on: loop) { $0.list(page, owner: owner, now: now()) }
    }

    package func update(
        _ id: String,
        owner: UInt64,
        on loop: any EventLoop,
        _ change: @escaping @Sendable (inout StoredObject) -> Void
    ) -> EventLoopFuture<StoredObject?> {
        run(on: loop) { state -> StoredObject? in
            guard var object = state.find(id, owner: owner, now: now()) else { return nil }
            change(&object)
            try state.put(object, provesOwner: false, now: now())
            return object
        }
    }

    package func remove(_ id: String, owner: UInt64, on loop: any EventLoop) -> EventLoopFuture<Bool> {
        run(on: loop) { state in
            guard state.find(id, owner: owner, now: now()) != nil else { return false }
            state.remove(id)
            return true
        }
    }

    package func extend(_ id: String, owner: UInt64, until time: Int, on loop: any EventLoop) -> EventLoopFuture<Void> {
        run(on: loop) { $0.extend(id, owner: owner, until: time) }
    }

    package func sweep(on loop: any EventLoop) -> EventLoopFuture<Void> {
        run(on: loop) { $0.expire(now: now()) }
    }

    package func contents(on loop: any EventLoop) -> EventLoopFuture<StoreContents> {
        run(on: loop) { $0.contents }
    }

    package func apply(_ limits: StoreLimits) {
        state.withLock { $0.apply(limits) }
    }

    package func close() async {}
}
