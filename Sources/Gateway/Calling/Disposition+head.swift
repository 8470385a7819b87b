import APITranslation
import Upstream

extension Disposition {
    /// Adds the facts in the head of a refusal.
    ///
    /// - Parameters:
    ///   - head: The head of the refusal.
    ///   - isDashScope: Whether the body has a code of DashScope's.
    ///   - now: Seconds since 1970.
    mutating func consider(_ head: UpstreamResponseHead, isDashScope: Bool, now: Int) {
        wait = RetryAfter.read(head, now: now)
        if head.first("x-should-retry") == "false" { retry = .never }
        let isEdge = !isDashScope && (head.status == 502 || head.status == 503)
        if isEdge || head.status == 407 { health = .failing }
    }
}
