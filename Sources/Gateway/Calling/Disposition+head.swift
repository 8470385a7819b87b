import APITranslation
import Upstream

extension Disposition {
    /// Adds what the head of a refusal tells; `isDashScope` where the body has a code of DashScope's. `now` is in seconds
    /// since 1970.
    mutating func consider(_ head: UpstreamResponseHead, isDashScope: Bool, now: Int) {
        wait = RetryAfter.read(head, now: now)
        if head.first("x-should-retry") == "false" { retry = .never }
        let isEdge = !isDashScope && (head.status == 502 || head.status == 503)
        if isEdge || head.status == 407 { health = .failing }
    }
}
