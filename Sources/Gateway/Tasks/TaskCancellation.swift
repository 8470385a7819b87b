import NIOCore
import Upstream

/// Tells DashScope that nobody wants the result of a task any more; its answer changes nothing.
///
/// DashScope stops tasks that wait, and refuses for those that run: they go on to their end.
final class TaskCancellation: RunningRequest {
    private static let patience = TimeAmount.seconds(10)

    private let loop: LoopContext
    private let deadline = NIODeadline.now() + patience
    private var query: TaskQuery?
    var place: Int?

    /// Sends the call; the loop keeps it until it is answered.
    static func send(_ request: UpstreamRequest, on loop: LoopContext) {
        let cancellation = TaskCancellation(loop)
        loop.add(cancellation)
        cancellation.query = TaskQuery(request, pool: loop.pool, maximumBytes: 1 << 16) { _ in cancellation.end() }
    }

    private init(_ loop: LoopContext) { self.loop = loop }

    private func end() {
        query?.cancel()
        query = nil
        loop.remove(self)
    }

    func tick(now: NIODeadline) {
        if now >= deadline { end() }
    }

    /// Leaves with the process.
    func endForShutdown() {}
}
