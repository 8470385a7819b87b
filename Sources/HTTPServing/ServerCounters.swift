import Synchronization

/// Counts of one server, shared by its event loops.
final class ServerCounters: Sendable {
    let openConnections = Atomic(0)
    let acceptedConnections = Atomic(0)
    let rejectedConnections = Atomic(0)
    let droppedConnections = Atomic(0)
    let acceptErrors = Atomic(0)
    let heldBodyBytes = Atomic(0)
    let tlsHandshakeFailures = Atomic(0)
    let proxyProtocolErrors = Atomic(0)
    let malformedRequests = Atomic(0)
    let stalledConnections = Atomic(0)
    let http2Connections = Atomic(0)
    /// Above it no more body bytes are taken.
    let maximumBodyMemory: Int

    init(maximumBodyMemory: Int) {
        self.maximumBodyMemory = maximumBodyMemory
    }

    /// Counts an accepted connection and answers how many are open with it.
    func connectionOpened() -> Int {
        count(acceptedConnections)
        return openConnections.add(1, ordering: .relaxed).newValue
    }

    func connectionClosed() {
        openConnections.subtract(1, ordering: .relaxed)
    }

    /// Takes room for bytes of a body; false where there is none.
    func holdBody(_ count: Int) -> Bool {
        let held = heldBodyBytes.add(count, ordering: .relaxed).newValue
        if held <= maximumBodyMemory { return true }
        heldBodyBytes.subtract(count, ordering: .relaxed)
        return false
    }

    func releaseBody(_ count: Int) {
        heldBodyBytes.subtract(count, ordering: .relaxed)
    }

    func count(_ counter: borrowing Atomic<Int>) {
        counter.add(1, ordering: .relaxed)
    }
}
