import NIOCore
import Synchronization

/// Objects that are kept together, and those who wait for them.
final class PutGroup: Sendable {
    typealias Put = (object: StoredObject, provesOwner: Bool)

    private struct State {
        var puts: [Put] = []
        /// One for each put; nil where it has its answer.
        var promises: [EventLoopPromise<Void>?] = []
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

    var puts: [Put] { state.withLock { $0.puts } }

    /// Whether somebody waits, for one of them or at all.
    func isAwaited(_ place: Int? = nil) -> Bool {
        state.withLock { state in
            if let place { state.promises[place] != nil } else { state.promises.contains { $0 != nil } }
        }
    }

    func append(_ object: StoredObject, provesOwner: Bool, _ promise: EventLoopPromise<Void>) {
        state.withLock { state in
            state.puts.append((object, provesOwner))
            state.promises.append(promise)
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
        let promise = state.withLock { $0.promises[place].take() }
        promise?.completeWith(result.mapError { $0 as any Error })
    }

    /// Answers all who still wait.
    func complete(_ result: Result<Void, StoreError>) {
        let (promises, timer) = state.withLock { state in
            let promises = state.promises.indices.compactMap { state.promises[$0].take() }
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
