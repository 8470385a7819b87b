/// The facts of a request's calls to upstream that log and metrics use.
struct CallFacts {
    var attempts = 0
    /// Upstream may have worked on it although it ended with an error.
    var mayHaveRun = false
    /// Why the calls before the last were not the last: words of a closed set, for metrics.
    var retryReasons: [String] = []
    /// The reason why the last call got no status: a word of a closed set, for metrics.
    var upstreamError: String?
    /// The status of upstream's last answer; nil where the last call got none.
    var upstreamStatus: Int?
    /// The result of the last call to upstream; nil where there was none.
    var lastAttempt: UpstreamAttempt?
    /// The calls before it, each of which failed; empty where nothing was repeated.
    var earlierAttempts: [UpstreamAttempt] = []

    /// Adds the calls of another part of the same request; the last one's end is that of the whole.
    mutating func add(_ other: CallFacts) {
        var other = other
        other.attempts += attempts
        other.mayHaveRun = mayHaveRun || other.mayHaveRun
        other.retryReasons = retryReasons + other.retryReasons
        other.earlierAttempts = earlierAttempts + (lastAttempt.map { [$0] } ?? []) + other.earlierAttempts
        self = other
    }
}
