/// Bytes that are counted as held for a connection, as many as there are now.
struct HeldBytes {
    private(set) var count = 0

    /// Counts `bytes` instead of what was counted, whether or not there is room.
    mutating func become(_ bytes: Int, for facts: ConnectionFacts) {
        let memory = facts.listener.counters.memory
        if bytes > count {
            memory.force(bytes - count, for: facts.peer)
        } else if bytes < count {
            memory.giveBack(count - bytes, of: facts.peer)
        }
        count = bytes
    }

    /// Does the same where there is room; false where there is none.
    mutating func mayBecome(_ bytes: Int, for facts: ConnectionFacts) -> Bool {
        guard bytes > count else {
            become(bytes, for: facts)
            return true
        }
        guard facts.listener.counters.memory.take(bytes - count, already: count, for: facts.peer) else { return false }
        count = bytes
        return true
    }
}
