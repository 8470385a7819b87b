import Synchronization

/// The share of one client address: its connections, and the bytes held for it.
final class PeerShare: Sendable {
    let key: UInt128
    let held = Atomic(0)

    init(key: UInt128) {
        self.key = key
    }
}

/// The addresses that have connections open; as large as their number.
final class PeerTable: Sendable {
    private struct Entry {
        let share: PeerShare
        var connections: Int
    }

    private let entries = Mutex<[UInt128: Entry]>([:])

    /// Counts a connection of an address, IPv6 by its first 64 bits, and answers how many it has with it.
    func connectionOpened(_ address: UInt128) -> (share: PeerShare, connections: Int) {
        let key = address >> 32 == 0xFFFF ? address : (address >> 64) << 64
        return entries.withLock { entries in
            var entry = entries[key] ?? Entry(share: PeerShare(key: key), connections: 0)
            entry.connections += 1
            entries[key] = entry
            return (entry.share, entry.connections)
        }
    }

    func connectionClosed(_ share: PeerShare) {
        entries.withLock { entries in
            guard var entry = entries[share.key] else { return }
            entry.connections -= 1
            entries[share.key] = entry.connections > 0 ? entry : nil
        }
    }

    /// Addresses with open connections.
    var count: Int { entries.withLock { $0.count } }
}
