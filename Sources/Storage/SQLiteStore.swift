package import NIOCore
import NIOPosix
import Synchronization

/// Keeps objects in a SQLite file.
///
/// One thread of its own reads and writes, so that no event loop waits for a disk. A request whose turn does not come
/// within the time-out gets an error then; what has not begun by then is not done later.
package final class SQLiteStore: ObjectStore {
    /// Bytes of objects that wait for the disk at most.
    private static let mostWaitingBytes = 64 << 20

    private let thread: NIOThreadPool
    private let database: NIOThreadBound
    private let limits: Mutex<StoreLimits>
    private let waitingBytes = Atomic<Int>(0)
    /// Objects that wait for the thread, in the order in which they came.
    private let putQueue = Mutex(PutQueue())
    private let now: @Sendable () -> Int
    /// Random bytes of the file: callers' hashes are made with them.
    package let callerSecret: [UInt8]
    /// Random bytes of the file: what clients keep unread is sealed with them.
    package let contentSecret: [UInt8]

    /// The state that only the thread of the store uses.
    private final class NIOThreadBound: @unchecked Sendable {
        let objects: SQLiteObjects

        init(_ objects: SQLiteObjects) { self.objects = objects }
    }

    /// Opens a file, or makes one that only this user can read; `now` gives Unix seconds.
    ///
    /// - Throws: ``StoreError`` where it cannot be used.
    package init(path: String, limits: StoreLimits, now: @escaping @Sendable () -> Int) throws(StoreError) {
        try StoreFile.create(path)
        let database = try SQLiteDatabase(path: path)
        database.wait(milliseconds: Self.milliseconds(limits.timeout))
        try SQLiteSchema.prepare(database)
        let objects = SQLiteObjects(database: database)
        callerSecret = try objects.secret("caller", length: 16)
        contentSecret = try objects.secret("content", length: 32)
        self.database = NIOThreadBound(objects)
        self.limits = Mutex(limits)
        self.now = now
        thread = NIOThreadPool(numberOfThreads: 1)
        thread.start()
    }

    private static func milliseconds(_ time: TimeAmount) -> Int { Int(max(1, time.nanoseconds / 1_000_000)) }

    // MARK: - Taking turns

    /// Whether the asker has been answered.
    private final class Turn: Sendable {
        private let isOver = Atomic<Bool>(false)

        /// True for the first who asks.
        func end() -> Bool { !isOver.exchange(true, ordering: .acquiringAndReleasing) }

        var isOpen: Bool { !isOver.load(ordering: .acquiring) }
    }

    private func run<Value: Sendable>(
        on loop: any EventLoop,
        _ body: @escaping @Sendable (SQLiteObjects, StoreLimits) throws(StoreError) -> Value
    ) -> EventLoopFuture<Value> {
        let limits = limits.withLock { $0 }
        let promise = loop.makePromise(of: Value.self)
        let turn = Turn()
        let deadline = NIODeadline.now() + limits.timeout
        let timer = loop.scheduleTask(deadline: deadline) { if turn.end() { promise.fail(StoreError.timeout) } }
        // What was put before is kept before, and what is put later is kept later.
        let earlier = putQueue.withLock { queue in
            queue.endGroup()
            return queue.count
        }
        thread.submit { [self] state in
            if case .active = state { while keepFirst(upTo: earlier) {} }
            let left = deadline - .now()
            let result: Result<Value, any Error>
            if case .cancelled = state {
                result = .failure(StoreError.failed("the store is closed"))
            } else if left <= .zero {
                result = .failure(StoreError.timeout)
            } else {
                database.objects.database.wait(milliseconds: Self.milliseconds(left))
                database.objects.database.isWanted = { turn.isOpen }
                result = Result { try body(database.objects, limits) }
            }
            guard turn.end() else { return }
            timer.cancel()
            promise.completeWith(result)
        }
        return promise.futureResult
    }

    /// Objects whose last change is not later are forgotten.
    private func cutoff(_ limits: StoreLimits) -> Int { limits.retention > 0 ? now() - limits.retention : .min }

    /// Keeps an object; where the disk is full, in the place of some that are needed less.
    private func keep(
        _ object: StoredObject,
        provesOwner: Bool,
        in objects: SQLiteObjects,
        _ limits: StoreLimits
    ) throws(StoreError) {
        guard object.size <= limits.maximumBytes else { throw .tooLarge }
        func put() throws(StoreError) {
            try objects.put(
                object,
                provesOwner: provesOwner,
                now: now(),
                maximumBytes: limits.maximumBytes,
                share: limits.share
            )
        }
        do throws(StoreError) {
            try put()
        } catch .full {
            try objects.makeRoom(for: object.size, share: limits.share)
            try put()
        }
    }

    // MARK: - Putting

    package func put(_ object: StoredObject, provesOwner: Bool, on loop: any EventLoop) -> EventLoopFuture<Void> {
        let promise = loop.makePromise(of: Void.self)
        guard waitingBytes.add(object.size, ordering: .relaxed).newValue <= Self.mostWaitingBytes else {
            waitingBytes.subtract(object.size, ordering: .relaxed)
            promise.fail(StoreError.timeout)
            return promise.futureResult
        }
        let deadline = NIODeadline.now() + limits.withLock { $0.timeout }
        let (begun, turn) = putQueue.withLock { queue -> (PutGroup?, NIODeadline?) in
            let begun = queue.append(object, provesOwner: provesOwner, promise, deadline: deadline)
            guard !queue.isAwaited else { return (begun, nil) }
            queue.isAwaited = true
            return (begun, queue.nextTurn)
        }
        begun?.startTimer(on: loop)
        if let turn {
            if turn <= .now() { keepNext() } else { loop.scheduleTask(deadline: turn) { self.keepNext() } }
        }
        return promise.futureResult
    }

    /// Gives the first group its turn on the thread.
    private func keepNext() {
        thread.submit { [self] state in
            var isClosed = false
            if case .cancelled = state { isClosed = true }
            keepFirst(isClosed: isClosed)
            let isMore = putQueue.withLock { queue in
                queue.isAwaited = !queue.isEmpty
                return queue.isAwaited
            }
            if isMore { keepNext() }
        }
    }

    /// Keeps the first group where its number is not above this one; false where there is none.
    @discardableResult
    private func keepFirst(upTo number: Int = .max, isClosed: Bool = false) -> Bool {
        guard let group = putQueue.withLock({ $0.takeFirst(upTo: number) }) else { return false }
        waitingBytes.subtract(group.bytes, ordering: .relaxed)
        group.complete(isClosed ? .failure(.failed("the store is closed")) : keep(group))
        return true
    }

    /// Keeps what is still waited for: in one transaction, or one by one where one of them cannot be kept so.
    private func keep(_ group: PutGroup) -> Result<Void, StoreError> {
        let (objects, limits) = (database.objects, limits.withLock { $0 })
        /// False where the time is over.
        func prepare() -> Bool {
            let left = group.deadline - .now()
            objects.database.wait(milliseconds: Self.milliseconds(left))
            return left > .zero
        }
        objects.database.isWanted = { group.isAwaited() }
        guard prepare() else { return .failure(.timeout) }
        let puts = group.puts
        if puts.count > 1, puts.allSatisfy({ $0.object.size <= limits.maximumBytes }) {
            do throws(StoreError) {
                try objects.put(puts, now: now(), maximumBytes: limits.maximumBytes, share: limits.share)
                return .success(())
            } catch {
                // Which of them it is shows when each is alone.
            }
        }
        for (place, put) in puts.enumerated() where group.isAwaited(place) {
            guard prepare() else { return .failure(.timeout) }
            do throws(StoreError) {
                try keep(put.object, provesOwner: put.provesOwner, in: objects, limits)
                group.complete(place, .success(()))
            } catch {
                group.complete(place, .failure(error))
            }
        }
        return .success(())
    }

    // MARK: - Objects

    package func get(_ id: String, owner: UInt64, on loop: any EventLoop) -> EventLoopFuture<StoredObject?> {
        run(on: loop) { [self] objects, limits throws(StoreError) -> StoredObject? in
            let found = try objects.find(id, owner: owner, after: cutoff(limits))
            if found != nil { objects.touch([id]) }
            return found
        }
    }

    package func chain(_ id: String, owner: UInt64, on loop: any EventLoop) -> EventLoopFuture<[StoredObject]?> {
        run(on: loop) { [self] objects, limits throws(StoreError) -> [StoredObject]? in
            var chain: [StoredObject] = []
            var next: String? = id
            while let id = next {
                guard chain.count < StoreLimits.longestChain,
                    let object = try objects.find(id, owner: owner, after: cutoff(limits))
                else { return nil }
                chain.append(object)
                next = object.previous
            }
            objects.touch(chain.map(\.id))
            return chain.reversed()
        }
    }

    package func list(_ page: StoredPage, owner: UInt64, on loop: any EventLoop) -> EventLoopFuture<StoredList?> {
        run(on: loop) { [self] objects, limits throws(StoreError) -> StoredList? in
            try objects.list(page, owner: owner, after: cutoff(limits))
        }
    }

    package func update(
        _ id: String,
        owner: UInt64,
        on loop: any EventLoop,
        _ change: @escaping @Sendable (inout StoredObject) -> Void
    ) -> EventLoopFuture<StoredObject?> {
        run(on: loop) { [self] objects, limits throws(StoreError) -> StoredObject? in
            try objects.changing { () throws(StoreError) -> StoredObject? in
                guard var object = try objects.find(id, owner: owner, after: cutoff(limits)) else { return nil }
                change(&object)
                try keep(object, provesOwner: false, in: objects, limits)
                return object
            }
        }
    }

    package func remove(_ id: String, owner: UInt64, on loop: any EventLoop) -> EventLoopFuture<Bool> {
        run(on: loop) { [self] objects, limits throws(StoreError) -> Bool in
            try objects.remove(id, owner: owner, after: cutoff(limits))
        }
    }

    package func extend(_ id: String, owner: UInt64, until time: Int, on loop: any EventLoop) -> EventLoopFuture<Void> {
        run(on: loop) { objects, _ throws(StoreError) -> Void in try objects.extend(id, owner: owner, until: time) }
    }

    package func sweep(on loop: any EventLoop) -> EventLoopFuture<Void> {
        run(on: loop) { [self] objects, limits throws(StoreError) -> Bool in
            let isMore = try objects.sweep(until: cutoff(limits))
            if !isMore {
                try objects.giveBack()
                // What was removed still stands in the journal otherwise.
                objects.checkpoint()
            }
            return isMore
        }.flatMap { [self] isMore in isMore ? sweep(on: loop) : loop.makeSucceededVoidFuture() }
    }

    package func contents(on loop: any EventLoop) -> EventLoopFuture<StoreContents> {
        run(on: loop) { objects, _ throws(StoreError) -> StoreContents in try objects.contents() }
    }

    package func apply(_ limits: StoreLimits) {
        self.limits.withLock { $0 = limits }
        thread.submit { [self] _ in
            database.objects.database.isWanted = { true }
            try? database.objects.changing { () throws(StoreError) in
                _ = try database.objects.shrink(to: limits.maximumBytes, share: limits.share)
            }
        }
    }

    /// Takes no more pages of the disk than this, as if it were full; for tests.
    func limitPages(to count: Int) {
        thread.submit { [self] _ in try? database.objects.database.execute("PRAGMA max_page_count = \(count)") }
    }

    package func close() async {
        // Its turn comes after all that was asked for before.
        try? await thread.runIfActive { [self] in
            while keepFirst() {}
            database.objects.checkpoint()
        }
        try? await thread.shutdownGracefully()
    }
}
