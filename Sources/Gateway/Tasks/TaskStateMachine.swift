import NIOCore

/// Decides when an asynchronous task of DashScope's is asked for, and when that is given up.
///
/// Knows no connection and no clock; chance is an argument.
struct TaskStateMachine {
    struct Limits: Sendable, Equatable {
        /// From the task's beginning to the first query; each further pause is twice as long.
        var firstPoll = TimeAmount.seconds(1)
        var maximumInterval = TimeAmount.seconds(5)
        /// For one query.
        var pollTimeout = TimeAmount.seconds(30)
        /// Failed queries in a row after which no further one is made.
        var maximumErrors = 10
        /// For the whole task.
        var total = TimeAmount.seconds(540)
    }

    enum Action: Equatable {
        case wait
        /// A query is due: ask for its turn, then call ``reserved(after:now:)``.
        case reserve
        /// Ask for the task now.
        case poll
        /// The query takes too long: give it up, then call ``pollFailed(wait:now:random:)``.
        case giveUpPoll
        /// The task takes longer than it may.
        case timeOut
    }

    private enum State {
        /// The task is being made.
        case submitting
        case waiting(until: NIODeadline)
        /// A turn of the query is reserved.
        case reserved(NIODeadline)
        case polling(since: NIODeadline)
        case ended
    }

    private let limits: Limits
    private let started: NIODeadline
    private var state = State.submitting
    private var polls = 0
    /// Failed queries since the last good one.
    private(set) var errors = 0

    init(limits: Limits, now: NIODeadline) {
        self.limits = limits
        started = now
    }

    /// The turn that is reserved and has not been used.
    var turn: NIODeadline? { if case .reserved(let turn) = state { turn } else { nil } }

    var hasEnded: Bool { if case .ended = state { true } else { false } }

    /// There is a task now.
    mutating func submitted(now: NIODeadline, random: UInt64) {
        state = .waiting(until: now + jittered(limits.firstPoll, random))
    }

    /// What is to be done now.
    func due(now: NIODeadline) -> Action {
        if hasEnded { return .wait }
        if now - started >= limits.total { return .timeOut }
        switch state {
        case .submitting, .ended: return .wait
        case .waiting(let until): return now >= until ? .reserve : .wait
        case .reserved(let turn): return now >= turn ? .poll : .wait
        case .polling(let since): return now - since >= limits.pollTimeout ? .giveUpPoll : .wait
        }
    }

    /// The query's turn comes after this time.
    mutating func reserved(after wait: TimeAmount, now: NIODeadline) { state = .reserved(now + wait) }

    mutating func pollStarted(now: NIODeadline) { state = .polling(since: now) }

    /// The task still runs.
    mutating func polled(now: NIODeadline, random: UInt64) {
        errors = 0
        polls += 1
        state = .waiting(until: now + jittered(interval(polls), random))
    }

    /// A query failed; false where no further one is to be made.
    ///
    /// `wait` is what upstream asked for.
    mutating func pollFailed(wait: TimeAmount?, now: NIODeadline, random: UInt64) -> Bool {
        errors += 1
        polls += 1
        guard errors < limits.maximumErrors else {
            state = .ended
            return false
        }
        let pause = max(interval(polls), interval(errors), min(wait ?? .zero, limits.total))
        state = .waiting(until: now + jittered(pause, random))
        return true
    }

    /// Whether there can be a query after this time.
    func hasTime(for wait: TimeAmount, now: NIODeadline) -> Bool { now - started + wait < limits.total }

    mutating func end() { state = .ended }

    private func interval(_ count: Int) -> TimeAmount {
        let doubled = limits.firstPoll.nanoseconds.multipliedReportingOverflow(by: 1 << Int64(min(count, 30)))
        return doubled.overflow
            ? limits.maximumInterval : min(.nanoseconds(doubled.partialValue), limits.maximumInterval)
    }

    /// A quarter more at most, so that tasks that began together are not asked for together.
    private func jittered(_ pause: TimeAmount, _ random: UInt64) -> TimeAmount {
        let room = UInt64(max(0, pause.nanoseconds / 4)) + 1
        return pause + .nanoseconds(Int64(random.multipliedFullWidth(by: room).high))
    }
}
