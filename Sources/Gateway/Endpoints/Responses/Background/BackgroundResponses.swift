import APITranslation
import NIOCore
import Synchronization

/// The responses that run in the background of this process, and their bounds.
final class BackgroundResponses: Sendable {
    private struct State {
        var logs: [String: BackgroundLog] = [:]
        var counts: [UInt64: Int] = [:]
        /// Responses that were let in, those included whose beginning is not stored yet.
        var count = 0
        var drained: [EventLoopPromise<Void>] = []
    }

    private let state = Mutex(State())
    private let heldBytes = Atomic<Int>(0)

    /// How many there are.
    var count: Int { state.withLock { $0.count } }

    /// Lets another one in.
    ///
    /// - Throws: A 429 that names the bound which is reached.
    func enter(owner: UInt64, limits: GatewayConfiguration.Background) throws(APIError) {
        let reached = state.withLock { state -> (what: String, setting: String)? in
            let own = state.counts[owner] ?? 0
            if own >= limits.maximumPerCaller {
                return ("of this key (\(limits.maximumPerCaller))", "background.maximumPerCaller")
            }
            if state.count >= limits.maximumResponses {
                return ("of all callers (\(limits.maximumResponses))", "background.maximumResponses")
            }
            state.counts[owner] = own + 1
            state.count += 1
            return nil
        }
        guard let reached else { return }
        throw APIError(
            status: 429,
            message:
                "Too many responses \(reached.what) run in the background: the operator's limit \(reached.setting).",
            type: "rate_limit_error",
            code: "rate_limit_exceeded",
            origin: .gateway,
            shouldRetry: true,
            retryAfter: 1
        )
    }

    func add(_ log: BackgroundLog) { state.withLock { $0.logs[log.id] = log } }

    func find(_ id: String, owner: UInt64) -> BackgroundLog? {
        state.withLock { state in state.logs[id].flatMap { $0.owner == owner ? $0 : nil } }
    }

    /// One that was let in has ended; its last state is in the store.
    func leave(_ id: String, owner: UInt64) {
        let drained = state.withLock { state -> [EventLoopPromise<Void>] in
            state.logs[id] = nil
            state.count -= 1
            let left = (state.counts[owner] ?? 1) - 1
            state.counts[owner] = left > 0 ? left : nil
            guard state.count == 0 else { return [] }
            defer { state.drained = [] }
            return state.drained
        }
        for promise in drained { promise.succeed() }
    }

    // MARK: - Memory

    /// Takes room for calls and events; false where there is none.
    func hold(_ bytes: Int, limits: GatewayConfiguration.Background) -> Bool {
        guard heldBytes.add(bytes, ordering: .relaxed).newValue <= limits.maximumBytes else {
            release(bytes)
            return false
        }
        return true
    }

    func release(_ bytes: Int) { heldBytes.subtract(bytes, ordering: .relaxed) }

    // MARK: - Stopping

    /// Waits until none runs any more, or until the deadline.
    func drain(until deadline: NIODeadline, on loop: any EventLoop) async {
        let promise = loop.makePromise(of: Void.self)
        let isIdle = state.withLock { state in
            guard state.count > 0 else { return true }
            state.drained.append(promise)
            return false
        }
        if isIdle { return promise.succeed() }
        let timer = loop.scheduleTask(deadline: deadline) { [self] in
            let late = state.withLock { state in
                defer { state.drained = [] }
                return state.drained
            }
            for promise in late { promise.succeed() }
        }
        try? await promise.futureResult.get()
        timer.cancel()
    }
}
