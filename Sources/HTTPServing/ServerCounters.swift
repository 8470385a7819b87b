import Synchronization

/// Counts of one server, shared by its event loops.
final class ServerCounters: Sendable {
    let openConnections = Atomic(0)
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
        return openConnections.add(1, ordering: .relaxed).newValue
    }

    func connectionClosed() {
        openConnections.subtract(1, ordering: .relaxed)
    }

    func count(_ counter: borrowing Atomic<Int>) {
        counter.add(1, ordering: .relaxed)
    }
}
