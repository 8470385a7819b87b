import NIOCore
import Synchronization

/// Objects that are kept together, and those who wait for them.
final class PutGroup: Sendable {
    struct Put: Sendable {
        let object: StoredObject
        let provesOwner: Bool
        /// Nil where it has its answer.
        var promise: EventLoopPromise<Void>?
    }

    private struct State {
        var puts: [Put] = []
        var bytes = 0
        var timer: Scheduled<Void>?
    }

    /// Its place among all groups.
    let number: Int
    /// What has not begun by then is not done later.
    let deadline: NIODeadline
    private let state = Mutex(State())

    init(number: Int, deadline: NIODeadline) {
        (self.number, self.deadline) = (number, deadline)
    }

    var count: Int { state.withLock { $0.puts.count } }

    var bytes: Int { state.withLock { $0.bytes } }

    /// Those who still wait, by their places in the group.
    var waiting: [(place: Int, put: Put)] {
        state.withLock { state in
            state.puts.indices.filter { state.puts[$0].promise != nil }.map { ($0, state.puts[$0]) }
        }
    }

    var isAwaited: Bool { state.withLock { $0.puts.contains { $0.promise != nil } } }

    func append(_ object: StoredObject, provesOwner: Bool, _ promise: EventLoopPromise<Void>) {
        state.withLock { state in
            state.puts.append(Put(object: object, provesOwner: provesOwner, promise: promise))
            state.bytes += object.size
        }
    }

    /// Whoever still waits at the deadline gets a time-out then, although the group may have its turn.
    func startTimer(on loop: any EventLoop) {
        let timer = loop.scheduleTask(deadline: deadline) { self.complete(.failure(.timeout)) }
        state.withLock { $0.timer = timer }
    }

    /// Answers one of those who wait.
    func complete(_ place: Int, _ result: Result<Void, StoreError>) {
        let promise = state.withLock { $0.puts[place].promise.take() }
        promise?.completeWith(result.mapError { $0 as any Error })
    }

    /// Answers all who still wait.
    func complete(_ result: Result<Void, StoreError>) {
        let (promises, timer) = state.withLock { state in
            let promises = state.puts.indices.compactMap { state.puts[$0].promise.take() }
            return (promises, state.timer.take())
        }
        timer?.cancel()
        // Each loop is woken once.
        let loops = Dictionary(grouping: promises) { ObjectIdentifier($0.futureResult.eventLoop) }
        for promises in loops.values {
            promises[0].futureResult.eventLoop.execute {
                for promise in promises { promise.completeWith(result.mapError { $0 as any Error }) }
            }
        }
    }
}
