/// Whether the identical request may be sent again after a refusal, and how often.
///
/// The rows of ``ErrorTable`` say it for each of DashScope's codes. It is only given where the request was refused
/// before it ran, or failed in a way that the reference calls retryable; what may have run to its end is never repeated,
/// because it may have been charged. Source: DashScope error reference, columns "retry" and the section on retrying.
package enum RetryAdvice: Sendable, Equatable {
    /// The same request would end the same way, or may have been charged.
    case never
    /// One more try; then the caller decides.
    case once
    /// One more try after a longer pause.
    case onceLater
    /// As often as the policy allows.
    case repeatedly
}
