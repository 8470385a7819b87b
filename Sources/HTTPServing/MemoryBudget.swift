import Synchronization

/// The one bound on what clients make the process hold: bytes that have arrived, calls made of them, answers that wait
/// to be taken.
///
/// An eighth is kept for requests that hold little, so that a few large ones do not turn away the many small.
final class MemoryBudget: Sendable {
    /// Who holds no more than this may use the part that is kept.
    private static let smallRequest = 64 << 10

    let maximum: Int
    /// The bytes that one address may hold.
    let addressMaximum: Int
    private let largeMaximum: Int
    private let held = Atomic(0)
    /// The most that was held, until it has fallen.
    private let peak = Atomic(0)

    init(maximum: Int) {
        self.maximum = maximum
        addressMaximum = maximum / 4
        largeMaximum = maximum - maximum / 8
    }

    /// Bytes held now.
    var heldBytes: Int { held.load(ordering: .relaxed) }

    /// Whether more is held than may be; unread answers can cause it.
    var isExhausted: Bool { heldBytes > maximum }

    /// Takes room for bytes of a holder that has `already` some; false where there is none.
    func take(_ count: Int, already: Int, for peer: PeerShare?) -> Bool {
        let total = held.add(count, ordering: .relaxed).newValue
        if total <= (already + count <= Self.smallRequest ? maximum : largeMaximum) {
            guard let peer else {
                note(total)
                return true
            }
            // One request may be as large as the limits say, if its address has no other.
            let own = peer.held.add(count, ordering: .relaxed).newValue
            if own <= max(addressMaximum, already + count) {
                note(total)
                return true
            }
            peer.held.subtract(count, ordering: .relaxed)
        }
        held.subtract(count, ordering: .relaxed)
        return false
    }

    /// Counts bytes that are there whether or not there is room.
    func force(_ count: Int, for peer: PeerShare?) {
        note(held.add(count, ordering: .relaxed).newValue)
        peer?.held.add(count, ordering: .relaxed)
    }

    func giveBack(_ count: Int, of peer: PeerShare?) {
        held.subtract(count, ordering: .relaxed)
        peer?.held.subtract(count, ordering: .relaxed)
    }

    /// Whether this peer has to wait before it may ask for more.
    func isExhausted(for peer: PeerShare?) -> Bool {
        if isExhausted { return true }
        guard let peer else { return false }
        return peer.held.load(ordering: .relaxed) > addressMaximum
    }

    private func note(_ total: Int) {
        if total > peak.load(ordering: .relaxed) { peak.store(total, ordering: .relaxed) }
    }

    /// Whether so much less is held than once was, since this was last true: the allocator may give pages back.
    func hasFallen(by count: Int) -> Bool {
        let held = heldBytes
        guard peak.load(ordering: .relaxed) - held > count else { return false }
        peak.store(held, ordering: .relaxed)
        return true
    }
}
