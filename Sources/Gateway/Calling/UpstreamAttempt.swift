import APITranslation
import NIOCore

/// The result of one call to upstream; a request that was repeated has several.
struct UpstreamAttempt: Sendable, Equatable {
    var operation: DashScopeOperation
    /// The status of the answer; nil where there was none.
    var status: Int?
    /// The code of the error that ended it (a closed set), or nil where it ended well.
    var error: String?
    /// From sending to the end of the answer, or to the failure.
    var duration: TimeAmount
}
