import APITranslation
import NIOCore

/// Decides what a relay does next; knows no channel and no clock.
///
/// One relay carries one chat call: request body → upstream → client. The 200 to the client is held back until the
/// first chunk is there, so that a refusal keeps its status; a long silence ends the holding back, because proxies on
/// the way would give up.
struct RelayStateMachine {
    enum State: Equatable {
        /// The request's body is arriving.
        case receiving
        /// The call is under way; the client has seen nothing.
        case calling
        /// The client has the head of a stream.
        case streaming
        case finished
    }

    struct Limits {
        var firstEvent: TimeAmount
        var idle: TimeAmount
        var total: TimeAmount
        /// Silence after which the client gets a sign of life; none where zero.
        var keepAlive: TimeAmount
        var retry = RetryPolicy()
    }

    /// What went wrong, as far as it matters for what comes next.
    struct Failure: Equatable {
        var isWrongPath = false
        var advice = RetryAdvice.never
        /// The wait that upstream asked for.
        var wait: TimeAmount?
    }

    enum TickAction: Equatable {
        case none
        /// Write a comment; with `startsStream` the head goes first.
        case keepAlive(startsStream: Bool)
        case timeOut(Timeout)
    }

    enum Timeout: Equatable {
        case firstEvent, idle, total
    }

    enum FailureAction: Equatable {
        /// Ask again on the other generation path.
        case retryOtherPath
        /// Send the same request again after a pause.
        case retry(after: TimeAmount)
        /// Answer with the error's own status.
        case respond
        /// Write the error as an event and end without `[DONE]`.
        case writeErrorEvent
        case ignore
    }

    private(set) var state = State.receiving
    /// Calls to upstream, of whatever kind.
    private(set) var attempts = 0
    private(set) var hasTriedOtherPath = false
    private var retries = 0
    /// Between a failure and its retry: upstream's silence is ours.
    private var isPausing = false
    private let streamsToClient: Bool
    private var limits: Limits
    private var started = NIODeadline.distantPast
    /// The last sign of progress from upstream; comments are none.
    private var lastProgress = NIODeadline.distantPast
    /// The last byte towards the client.
    private var lastWrite = NIODeadline.distantPast
    private var hasProgressed = false

    /// Without `mayRepeat` only the other generation path is tried: the client repeats the rest.
    init(streamsToClient: Bool, limits: Limits, mayRepeat: Bool = true) {
        self.streamsToClient = streamsToClient
        self.limits = limits
        if !mayRepeat { self.limits.retry.maximumAttempts = 1 }
    }

    mutating func callStarted(now: NIODeadline) {
        if attempts == 0 {
            started = now
            lastWrite = now
        }
        attempts += 1
        lastProgress = now
        isPausing = false
        if state == .receiving { state = .calling }
    }

    /// Upstream sent something that counts; returns whether the stream's head must be written now.
    mutating func progressed(hasOutput: Bool, now: NIODeadline) -> Bool {
        lastProgress = now
        hasProgressed = true
        guard hasOutput, streamsToClient else { return false }
        lastWrite = now
        guard state == .calling else { return false }
        state = .streaming
        return true
    }

    /// The call failed; `canRepeat` says whether its bytes are still there.
    mutating func failed(_ failure: Failure, canRepeat: Bool, now: NIODeadline, random: UInt64) -> FailureAction {
        guard state != .finished else { return .ignore }
        // Nothing but comments may have left, and upstream may not have begun to answer.
        if canRepeat, !hasProgressed {
            if failure.isWrongPath, !hasTriedOtherPath {
                hasTriedOtherPath = true
                return .retryOtherPath
            }
            let pause = limits.retry.pause(
                before: retries + 1,
                advice: failure.advice,
                asked: failure.wait,
                spent: now - started,
                total: limits.total,
                random: random
            )
            if let pause {
                retries += 1
                isPausing = true
                return .retry(after: pause)
            }
        }
        let isStreaming = state == .streaming
        state = .finished
        return isStreaming ? .writeErrorEvent : .respond
    }

    /// The answer is complete, or nobody waits for it any more; false where that was so already.
    mutating func finish() -> Bool {
        guard state != .finished else { return false }
        state = .finished
        return true
    }

    mutating func tick(now: NIODeadline) -> TickAction {
        guard state == .calling || state == .streaming else { return .none }
        if now - started >= limits.total { return .timeOut(.total) }
        let silence = now - lastProgress
        if !isPausing, silence >= (hasProgressed ? limits.idle : limits.firstEvent) {
            return .timeOut(hasProgressed ? .idle : .firstEvent)
        }
        guard streamsToClient, limits.keepAlive > .zero, now - lastWrite >= limits.keepAlive else { return .none }
        lastWrite = now
        let startsStream = state == .calling
        state = .streaming
        return .keepAlive(startsStream: startsStream)
    }
}
