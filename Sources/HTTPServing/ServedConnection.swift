import NIOCore

/// A connection as its registry sees it: asked about once a second, and when the server stops.
protocol ServedConnection: AnyObject {
    /// Called about once a second.
    func tick(now: NIODeadline)
    /// The server stops: close when idle, otherwise after the answers that are being made.
    func drain()
    func closeNow()
}
