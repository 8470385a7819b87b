/// The callers or addresses of one shard: what each has taken, bounded in number.
///
/// Entries stand in one of two lists by last use: those with running requests and the idle ones, which are forgotten
/// first.
struct ScopeTable<Key: Hashable & Sendable>: Sendable {
    private(set) var rules: ScopeRules
    /// Entries given up although requests of theirs were running.
    private(set) var forgottenWhileRunning = 0
    private var maximumCount: Int
    private var slots: [Key: Int32] = [:]
    private var entries: ContiguousArray<Entry> = []
    private var idle = UseOrder()
    private var running = UseOrder()
    private var vacant: [Int32] = []

    init(rules: ScopeRules, maximumCount: Int) {
        self.rules = rules
        self.maximumCount = max(maximumCount, 1)
    }

    var count: Int { slots.count }

    /// The slot of the key's entry, if there is one.
    func slot(of key: Key) -> Int32? { slots[key] }

    /// The use of an entry; a key without an entry has used nothing.
    func usage(at slot: Int32?) -> ScopeUsage {
        slot.map { entries[Int($0)].usage } ?? ScopeUsage()
    }

    /// Takes a request's units from the entry, which is made if there is none, and returns what it then has taken.
    mutating func take(
        _ key: Key,
        at known: Int32?,
        tokens: Int,
        now: Int64
    ) -> (place: ScopePlace, usage: ScopeUsage) {
        let slot: Int32
        if let known {
            slot = known
            if entries[Int(slot)].usage.running == 0 {
                idle.remove(slot, &entries)
            } else {
                running.remove(slot, &entries)
            }
        } else {
            slot = insert(key)
        }
        running.append(slot, &entries)
        rules.take(&entries[Int(slot)].usage, tokens: tokens, now: now)
        let entry = entries[Int(slot)]
        let place = ScopePlace(slot: slot, generation: entry.generation, tookTokens: rules.limitsTokens)
        return (place, entry.usage)
    }

    /// Gives back a permit's place; without effect if its entry was forgotten.
    mutating func settle(_ place: ScopePlace, _ settlement: Settlement) {
        let index = Int(place.slot)
        guard entries[index].generation == place.generation else { return }
        rules.settle(&entries[index].usage, settlement, tookTokens: place.tookTokens)
        if entries[index].usage.running == 0 {
            running.remove(place.slot, &entries)
            idle.append(place.slot, &entries)
        }
    }

    /// Applies new limits to what has been taken already and forgets what is too much.
    mutating func update(rules: ScopeRules, maximumCount: Int) {
        self.rules = rules
        self.maximumCount = max(maximumCount, 1)
        while slots.count > self.maximumCount { vacant.append(forgetOne()) }
    }

    private mutating func insert(_ key: Key) -> Int32 {
        let slot: Int32
        if slots.count >= maximumCount {
            slot = forgetOne()
        } else if let free = vacant.popLast() {
            slot = free
        } else {
            slot = Int32(entries.count)
            entries.append(Entry(key: key))
        }
        entries[Int(slot)].key = key
        entries[Int(slot)].usage = ScopeUsage()
        slots[key] = slot
        return slot
    }

    /// Gives up the entry that is missed least and returns its slot.
    private mutating func forgetOne() -> Int32 {
        let slot: Int32
        if idle.first >= 0 {
            slot = idle.first
            idle.remove(slot, &entries)
        } else {
            slot = running.first
            running.remove(slot, &entries)
            forgottenWhileRunning += 1
        }
        slots[entries[Int(slot)].key] = nil
        entries[Int(slot)].generation &+= 1
        return slot
    }
}

extension ScopeTable {
    private struct Entry {
        var key: Key
        var usage = ScopeUsage()
        var generation: UInt32 = 0
        var previous: Int32 = -1
        var next: Int32 = -1
    }

    /// A doubly linked list through the entries, the one used longest ago first.
    private struct UseOrder {
        private(set) var first: Int32 = -1
        private var last: Int32 = -1

        mutating func append(_ slot: Int32, _ entries: inout ContiguousArray<Entry>) {
            entries[Int(slot)].previous = last
            entries[Int(slot)].next = -1
            if last >= 0 { entries[Int(last)].next = slot } else { first = slot }
            last = slot
        }

        mutating func remove(_ slot: Int32, _ entries: inout ContiguousArray<Entry>) {
            let (previous, next) = (entries[Int(slot)].previous, entries[Int(slot)].next)
            if previous >= 0 { entries[Int(previous)].next = next } else { first = next }
            if next >= 0 { entries[Int(next)].previous = previous } else { last = previous }
        }
    }
}
