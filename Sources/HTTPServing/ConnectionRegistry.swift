import NIOCore

/// The open connections of one event loop: watches their deadlines and drains them.
final class ConnectionRegistry {
    let eventLoop: any EventLoop
    private var connections: [ObjectIdentifier: any ServedConnection] = [:]
    private var isDraining = false
    private var ticker: RepeatedTask?
    private var unflushed: [ClientConnectionHandler] = []
    private var flushTask: (@Sendable () -> Void)?

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
        // It holds the registry.
        flushTask = nil
    }

    /// Flushes a connection when all that is ready on this loop has been looked at.
    ///
    /// Writes that leave together wake their readers once: a wake-up costs more than the write. Nothing is held back
    /// longer than the present turn of the loop.
    func flushLater(_ connection: ClientConnectionHandler) {
        unflushed.append(connection)
        guard unflushed.count == 1 else { return }
        if flushTask == nil {
            let bound = NIOLoopBound(self, eventLoop: eventLoop)
            flushTask = { bound.value.flushAll() }
        }
        if let flushTask { eventLoop.execute(flushTask) }
    }

    private func flushAll() {
        // By index: a flush may fail and close its connection, whose end may write to another one.
        var index = 0
        while index < unflushed.count {
            unflushed[index].flushIfPending()
            index += 1
        }
        unflushed.removeAll(keepingCapacity: true)
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
