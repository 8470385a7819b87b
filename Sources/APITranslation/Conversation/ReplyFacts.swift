/// The facts of an answer that log and metrics use, for every translator.
package struct ReplyFacts: Equatable, Sendable {
    /// DashScope's `request_id`.
    package var requestID: String?
    /// Token counts; nil where upstream gave none.
    package var usage: TokenUsage?

    package init(requestID: String? = nil, usage: TokenUsage? = nil) {
        self.requestID = requestID
        self.usage = usage
    }
}

/// The outcome of one event of an upstream stream.
package enum ReplyOutcome: Equatable, Sendable {
    /// The event was taken, or had nothing to read; zero or more chunks were written.
    case progress
    /// The event was taken, and every choice that was asked for has ended; final usage may follow.
    case choicesEnded
    /// Nothing more is needed: every choice has ended and its usage is known, or the stream said `[DONE]`.
    case complete
    /// The event was a refusal or cannot be understood; nothing more may be sent through this value.
    ///
    /// Indirect: an outcome is returned for each event and must be small.
    indirect case refused(APIError)
}
