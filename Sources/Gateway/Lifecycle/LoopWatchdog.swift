import Dispatch
package import NIOCore
import Synchronization

/// Tells the service manager that the process lives, as long as every event loop really runs.
///
/// Each loop notes the time in a task of its own. A thread apart from the loops looks at the notes and sends the sign of
/// life; when a loop is stuck it is silent, and the manager acts. On the way each loop's lag is measured.
package final class LoopWatchdog: Sendable {
    private final class Heartbeat: Sendable {
        let nanoseconds: Atomic<UInt64>
        init(_ now: NIODeadline) { nanoseconds = Atomic(now.uptimeNanoseconds) }
    }

    private struct State {
        var vigil: LoopVigil
        var tasks: [RepeatedTask] = []
        var isRunning = false
        var stalled: Set<Int> = []
    }

    private let loops: [any EventLoop]
    private let heartbeats: [Heartbeat]
    private let beatInterval: TimeAmount
    private let checkInterval: TimeAmount
    private let state: Mutex<State>
    private let signOfLife: @Sendable () -> Void
    private let onLag: @Sendable (_ loop: Int, _ lag: TimeAmount) -> Void
    private let onStall: @Sendable (LoopVigil.Stall) -> Void
    private let queue = DispatchQueue(label: "watchdog", qos: .userInteractive)

    /// Prepares the watchdog; `start` runs it.
    ///
    /// `period` is the manager's, `WATCHDOG_USEC`: a loop silent for so long is stuck, and half of it is the time between
    /// signs of life; without a manager it is the silence that is reported. `beatInterval` is the time between two notes
    /// of a loop, at most a quarter of `period`. `signOfLife` is called off the loops while all of them run, `onLag` on
    /// the loop with how late its note was, `onStall` off the loops, once for each time a loop gets stuck.
    package init(
        loops: [any EventLoop],
        period: TimeAmount,
        beatInterval: TimeAmount = .milliseconds(250),
        now: NIODeadline = .now(),
        signOfLife: @escaping @Sendable () -> Void,
        onLag: @escaping @Sendable (_ loop: Int, _ lag: TimeAmount) -> Void = { _, _ in },
        onStall: @escaping @Sendable (LoopVigil.Stall) -> Void = { _ in }
    ) {
        self.loops = loops
        self.heartbeats = loops.map { _ in Heartbeat(now) }
        self.beatInterval = min(beatInterval, .nanoseconds(max(1_000_000, period.nanoseconds / 4)))
        self.checkInterval = .nanoseconds(max(1_000_000, period.nanoseconds / 2))
        self.state = Mutex(State(vigil: LoopVigil(loopCount: loops.count, limit: period, now: now)))
        self.signOfLife = signOfLife
        self.onLag = onLag
        self.onStall = onStall
    }

    /// Starts the loops' notes and the thread that looks at them.
    package func start() {
        let tasks = loops.indices.map { beat(loop: $0) }
        state.withLock {
            $0.tasks = tasks
            $0.isRunning = true
        }
        queue.async { self.checkRepeatedly() }
    }

    /// Ends the notes and the signs of life, before the loops are shut down.
    package func stop() {
        let tasks = state.withLock { state in
            defer { state.tasks = [] }
            state.isRunning = false
            return state.tasks
        }
        for task in tasks { task.cancel() }
    }

    private func checkRepeatedly() {
        guard state.withLock({ $0.isRunning }) else { return }
        check(now: .now())
        queue.asyncAfter(deadline: .now() + .nanoseconds(Int(checkInterval.nanoseconds))) { [weak self] in
            self?.checkRepeatedly()
        }
    }

    /// Looks at the loops once; true when all of them run.
    @discardableResult
    package func check(now: NIODeadline) -> Bool {
        let (stalls, fresh) = state.withLock { state in
            for (loop, heartbeat) in heartbeats.enumerated() {
                let beat = heartbeat.nanoseconds.load(ordering: .relaxed)
                state.vigil.note(.uptimeNanoseconds(beat), of: loop)
            }
            let stalls = state.vigil.stalls(now: now)
            let fresh = stalls.filter { !state.stalled.contains($0.loop) }
            state.stalled = Set(stalls.map(\.loop))
            return (stalls, fresh)
        }
        for stall in fresh { onStall(stall) }
        if stalls.isEmpty { signOfLife() }
        return stalls.isEmpty
    }

    private func beat(loop: Int) -> RepeatedTask {
        let heartbeat = heartbeats[loop]
        let (interval, onLag) = (beatInterval, onLag)
        // The next task is due an interval after the last one ended, which is nearly when it noted the time.
        return loops[loop].scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            let now = NIODeadline.now()
            let last = NIODeadline.uptimeNanoseconds(heartbeat.nanoseconds.load(ordering: .relaxed))
            heartbeat.nanoseconds.store(now.uptimeNanoseconds, ordering: .relaxed)
            onLag(loop, max(.zero, now - last - interval))
        }
    }
}
