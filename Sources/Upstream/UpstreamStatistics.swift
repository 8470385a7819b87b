/// The state of one event loop's connections to upstream, for metrics.
package struct UpstreamStatistics: Sendable, Equatable {
    /// Connections that carry a call.
    package var active = 0
    package var idle = 0
    /// Connections being opened, TLS and tunnel included.
    package var connecting = 0
    /// Calls that wait for a connection.
    package var waiting = 0
    /// Connections opened since the start, successful or not.
    package var opened = 0
    /// Connections that could not be opened, since the start.
    package var failedToOpen = 0
    /// Connections closed since the start because they had reached their age.
    package var retired = 0
    /// Calls sent again because their pooled connection had been closed by upstream, since the start.
    package var resent = 0
    /// Calls refused by the circuit breaker, since the start.
    package var refusedByBreaker = 0
    /// How often the circuit breaker has opened, since the start.
    package var breakerOpenings = 0
    /// Whether the breaker keeps calls back now.
    package var isBreakerOpen = false

    package init() {}

    /// Sums the loops of a gateway.
    package static func += (left: inout UpstreamStatistics, right: UpstreamStatistics) {
        left.active += right.active
        left.idle += right.idle
        left.connecting += right.connecting
        left.waiting += right.waiting
        left.opened += right.opened
        left.failedToOpen += right.failedToOpen
        left.retired += right.retired
        left.resent += right.resent
        left.refusedByBreaker += right.refusedByBreaker
        left.breakerOpenings += right.breakerOpenings
        left.isBreakerOpen = left.isBreakerOpen || right.isBreakerOpen
    }
}
