import APITranslation
import NIOCore

/// One of the calls of a request, from its beginning until its part of the answer is there.
protocol PartCall: AnyObject {
    var index: Int { get }
    /// Runs what of it is one exchange with upstream.
    var runner: CallRunner { get }
    var facts: ReplyFacts { get }
    /// Events that told something.
    var events: Int { get }
    /// Sends the call; one that is urgent leaves at once.
    func start(_ call: NativeCall, isUrgent: Bool)
    /// Gives the call up, because its answer is no longer needed.
    func cancel(_ reason: String)
    /// Does what is due; returns the error of a time limit that has been reached, which the owner may give to ``fail(_:detail:)``.
    func tick(now: NIODeadline) -> APIError?
    func fail(_ error: APIError, detail: String?)
}

/// Is told how a call ended; exactly once, unless the call was cancelled.
protocol PartCallOwner: AnyObject {
    /// What a client of a stream may see before the end.
    func callWrote(_ index: Int, _ bytes: ByteBuffer)
    func callEnded(_ index: Int, output: ByteBuffer)
    func callFailed(_ index: Int, error: APIError, detail: String?)
    /// The same call for the other generation path; nil where the request does not fit it.
    func call(_ index: Int, on operation: DashScopeOperation) -> NativeCall?
    /// The call has ended well, and its answer wants the files behind its links.
    func callNamesFiles(_ index: Int, reply: any LinkedReply)
}
