import NIOCore

/// Decides what a client sees of a reply; knows no channel and no clock.
///
/// The 200 to the client is held back until the first chunk is there, so that a refusal keeps its status; a long
/// silence ends the holding back, because proxies on the way would give up.
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

    enum FailureAction: Equatable {
        /// Answer with the error's own status.
        case respond
        /// Write the error as an event and end without `[DONE]`.
        case writeErrorEvent
        case ignore
    }

    private(set) var state = State.receiving
    private(set) var streamsToClient = false
    /// Silence after which the client gets a sign of life; none where zero.
    private let keepAlive: TimeAmount
    /// The last byte towards the client.
    private var lastWrite = NIODeadline.distantPast

    init(keepAlive: TimeAmount) {
        self.keepAlive = keepAlive
    }

    /// Upstream is asked, for the first time or again.
    mutating func callStarted(streamsToClient: Bool, now: NIODeadline) {
        guard state == .receiving else { return }
        self.streamsToClient = streamsToClient
        lastWrite = now
        state = .calling
    }

    /// A chunk is about to leave; returns whether the stream's head must be written first.
    mutating func hasOutput(now: NIODeadline) -> Bool {
        guard streamsToClient else { return false }
        lastWrite = now
        guard state == .calling else { return false }
        state = .streaming
        return true
    }

    /// Nothing more can be tried.
    mutating func failed() -> FailureAction {
        switch state {
        case .finished: return .ignore
        case .streaming:
            state = .finished
            return .writeErrorEvent
        case .receiving, .calling:
            state = .finished
            return .respond
        }
    }

    /// The answer is complete, or its client has left; false where that was so already.
    mutating func finish() -> Bool {
        guard state != .finished else { return false }
        state = .finished
        return true
    }

    /// Whether a sign of life is due, and whether the head goes first.
    mutating func keepAliveIsDue(now: NIODeadline) -> (isDue: Bool, startsStream: Bool) {
        guard state == .calling || state == .streaming, streamsToClient, keepAlive > .zero,
            now - lastWrite >= keepAlive
        else { return (false, false) }
        lastWrite = now
        let startsStream = state == .calling
        state = .streaming
        return (true, startsStream)
    }
}
