import NIOCore

/// The open connections of one event loop: watches their deadlines and drains them.
final class ConnectionRegistry {
    let eventLoop: any EventLoop
    private var connections: [ObjectIdentifier: any ServedConnection] = [:]
    private var isDraining = false
    private var ticker: RepeatedTask?

    init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    var count: Int { connections.count }

    func start() {
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        ticker = eventLoop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
            bound.value.tick()
        }
    }

    func stop() {
        ticker?.cancel()
    }

    func add(_ connection: any ServedConnection) {
        connections[ObjectIdentifier(connection)] = connection
        if isDraining { connection.drain() }
    }

    func remove(_ connection: any ServedConnection) {
        connections[ObjectIdentifier(connection)] = nil
    }

    private func tick() {
        let now = NIODeadline.now()
        for connection in Array(connections.values) { connection.tick(now: now) }
    }

    func drain() {
        isDraining = true
        for connection in Array(connections.values) { connection.drain() }
    }

    func closeAll() {
        for connection in Array(connections.values) { connection.closeNow() }
    }
}
