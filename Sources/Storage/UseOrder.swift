import NIOCore

/// Ids in an order of their last use, or of their last change, the oldest first.
///
/// An id may stand in it several times; only its entry with the last number counts.
struct UseOrder {
    private let number: any KeyPath<MemoryEntry, UInt64> & Sendable
    private var notes = CircularBuffer<(id: String, number: UInt64)>()

    init(by number: any KeyPath<MemoryEntry, UInt64> & Sendable) { self.number = number }

    private func isCurrent(_ note: (id: String, number: UInt64), _ entries: [String: MemoryEntry]) -> Bool {
        entries[note.id]?[keyPath: number] == note.number
    }

    /// Notes the last number of an id, which is one of `count`.
    mutating func append(_ id: String, count: Int, of entries: [String: MemoryEntry]) {
        guard let last = entries[id]?[keyPath: number] else { return }
        notes.append((id, last))
        // Old notes must not outgrow the ids.
        guard notes.count > 64 + 2 * count else { return }
        notes = CircularBuffer(notes.filter { isCurrent($0, entries) })
    }

    /// The id that comes first.
    mutating func first(of entries: [String: MemoryEntry]) -> String? {
        while let note = notes.first {
            if isCurrent(note, entries) { return note.id }
            notes.removeFirst()
        }
        return nil
    }
}

/// An object in memory.
struct MemoryEntry {
    var object: StoredObject
    /// The number of its last use.
    var use: UInt64 = 0
    /// The number of its last change, and when that was.
    var change: UInt64
    var changed: Int
}
