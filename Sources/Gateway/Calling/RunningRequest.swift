import NIOCore

/// A request whose calls are under way: its loop watches the time for it, and ends it when the process stops.
protocol RunningRequest: AnyObject {
    /// Where the loop keeps it.
    var place: Int? { get set }
    func tick(now: NIODeadline)
    /// The gateway stops and cannot wait any longer.
    func endForShutdown()
}
