package import NIOCore

/// Stops calls to a host that is down, and finds out when it is back.
///
/// Closed, it counts failures of the host itself: connections that cannot be opened, errors of its edge. After a run of
/// them, or when they are the greater part of the recent calls, it opens: calls are refused until the pause is over.
/// Then one call is let through as a probe; its success closes the breaker, its failure doubles the pause.
/// A probe that never reports is replaced after another pause, so that none can be lost.
///
/// Time is an argument; one breaker belongs to one event loop's pool, so that a call costs no lock: every loop learns
/// the same within a few calls, because all call the same host.
package struct CircuitBreaker: Sendable {
    package struct Limits: Sendable, Equatable {
        /// Failures in a row that open it; 0 never opens it.
        package var consecutiveFailures: Int
        /// Recent failures that open it where they are at least half of the recent calls.
        package var recentFailures: Int
        /// The first pause; doubled after each probe that fails.
        package var pause: TimeAmount
        package var maximumPause: TimeAmount

        package init(
            consecutiveFailures: Int = 10,
            recentFailures: Int = 40,
            pause: TimeAmount = .seconds(2),
            maximumPause: TimeAmount = .seconds(60)
        ) {
            self.consecutiveFailures = consecutiveFailures
            self.recentFailures = recentFailures
            self.pause = pause
            self.maximumPause = maximumPause
        }
    }

    package enum State: Equatable, Sendable {
        case closed
        case open(until: NIODeadline)
        /// A probe is on its way; another may follow after `nextProbe`.
        case halfOpen(nextProbe: NIODeadline)
    }

    package private(set) var state = State.closed
    /// The error word of the last failure, such as `unreachable` or `status 502`.
    package private(set) var reason = ""
    /// How often it has opened since the start.
    package private(set) var openings = 0
    private let limits: Limits
    private var failuresInARow = 0
    private var recentFailures = 0
    private var recentSuccesses = 0
    private var pause: TimeAmount

    package init(limits: Limits) {
        self.limits = limits
        pause = limits.pause
    }

    /// How long a call must wait, or nil where it may go.
    package mutating func wait(now: NIODeadline) -> TimeAmount? {
        switch state {
        case .closed: return nil
        case .open(let until), .halfOpen(let until):
            guard now >= until else { return until - now }
            state = .halfOpen(nextProbe: now + pause)
            return nil
        }
    }

    /// The host answered: with whatever, it is there.
    package mutating func succeeded() {
        failuresInARow = 0
        recentSuccesses += 1
        guard state != .closed else { return }
        state = .closed
        pause = limits.pause
        recentFailures = 0
    }

    /// The host could not be reached, or its edge failed.
    package mutating func failed(_ reason: String, now: NIODeadline) {
        guard limits.consecutiveFailures > 0 else { return }
        self.reason = reason
        failuresInARow += 1
        recentFailures += 1
        switch state {
        case .closed:
            let isDown =
                failuresInARow >= limits.consecutiveFailures
                || (recentFailures >= limits.recentFailures && recentFailures >= recentSuccesses)
            if isDown { open(now: now) }
        case .halfOpen:
            pause = min(limits.maximumPause, pause * 2)
            open(now: now)
        case .open:
            // Calls that were on their way when it opened tell nothing new.
            break
        }
    }

    private mutating func open(now: NIODeadline) {
        openings += 1
        state = .open(until: now + pause)
    }

    /// Called about once a second: what was counted fades, by half within three seconds.
    package mutating func fade() {
        recentFailures -= (recentFailures + 4) / 5
        recentSuccesses -= (recentSuccesses + 4) / 5
    }
}
