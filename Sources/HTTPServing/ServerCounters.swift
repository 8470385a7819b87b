import Synchronization

/// Counts of one server, shared by its event loops.
final class ServerCounters: Sendable {
    /// A fall of so much is worth giving pages back.
    private static let manyConnections = 1000
    private static let manyBytes = 64 << 20

    let openConnections = Atomic(0)
    /// The most that were open, until the number has fallen.
    private let mostConnections = Atomic(0)
    let acceptedConnections = Atomic(0)
    let rejectedConnections = Atomic(0)
    let droppedConnections = Atomic(0)
    let acceptErrors = Atomic(0)
    let tlsHandshakeFailures = Atomic(0)
    let proxyProtocolErrors = Atomic(0)
    let malformedRequests = Atomic(0)
    let stalledConnections = Atomic(0)
    let http2Connections = Atomic(0)
    let memory: MemoryBudget
    let peers = PeerTable()

    init(maximumMemory: Int) {
        memory = MemoryBudget(maximum: maximumMemory)
    }

    /// Counts an accepted connection and answers how many are open with it.
    func connectionOpened() -> Int {
        count(acceptedConnections)
        let open = openConnections.add(1, ordering: .relaxed).newValue
        if open > mostConnections.load(ordering: .relaxed) { mostConnections.store(open, ordering: .relaxed) }
        return open
    }

    /// Whether much less is open and held than once was, since this was last true.
    func hasFallen() -> Bool {
        let open = openConnections.load(ordering: .relaxed)
        let hasLostMany = mostConnections.load(ordering: .relaxed) - open > Self.manyConnections
        if hasLostMany { mostConnections.store(open, ordering: .relaxed) }
        return memory.hasFallen(by: Self.manyBytes) || hasLostMany
    }

    func connectionClosed() {
        openConnections.subtract(1, ordering: .relaxed)
    }

    func count(_ counter: borrowing Atomic<Int>) {
        counter.add(1, ordering: .relaxed)
    }
}
