import Synchronization

/// Where the gateway stands between its start and its end; read by `/ready`.
package final class LifecyclePhase: Sendable {
    package enum Phase: UInt8, AtomicRepresentable, Sendable {
        case starting, serving, draining
    }

    private let state = Atomic<Phase>(.starting)

    package var current: Phase { state.load(ordering: .relaxed) }

    func enter(_ phase: Phase) {
        state.store(phase, ordering: .relaxed)
    }
}
