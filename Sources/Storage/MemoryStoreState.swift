/// The objects of a store in memory, and the order in which they are forgotten.
struct MemoryStoreState {
    private struct Owner {
        var bytes = 0
        var objects = 0
        /// Whether upstream has accepted its key.
        var isProven: Bool
        var uses = UseOrder(by: \.use)
        /// The objects that a list shows, the oldest first.
        var listed: [ListPlace] = []
    }

    /// Where an object stands in its owner's list.
    private struct ListPlace: Comparable {
        var created: Int
        var id: String

        static func < (left: ListPlace, right: ListPlace) -> Bool {
            (left.created, left.id) < (right.created, right.id)
        }
    }

    private(set) var limits: StoreLimits
    private var entries: [String: MemoryEntry] = [:]
    private var owners: [UInt64: Owner] = [:]
    /// Owners that have more than a share.
    private var large: Set<UInt64> = []
    private var nextNumber: UInt64 = 0
    /// Uses of the owners whose keys are proven, and of those whose are not.
    private var proven = UseOrder(by: \.use)
    private var unproven = UseOrder(by: \.use)
    private var changes = UseOrder(by: \.change)
    private var bytes = 0
    private var unprovenBytes = 0

    init(_ limits: StoreLimits) { self.limits = limits }

    var contents: StoreContents { StoreContents(objects: entries.count, bytes: bytes) }

    mutating func apply(_ limits: StoreLimits) {
        self.limits = limits
        large = Set(owners.filter { $0.value.bytes > limits.share }.keys)
        shrink()
    }

    private mutating func number() -> UInt64 {
        nextNumber += 1
        return nextNumber
    }

    private mutating func touch(_ id: String, _ owner: UInt64) {
        let use = number()
        entries[id]?.use = use
        let count = owners[owner]?.objects ?? 0
        owners[owner]?.uses.append(id, count: count, of: entries)
        if owners[owner]?.isProven == true {
            proven.append(id, count: entries.count, of: entries)
        } else {
            unproven.append(id, count: entries.count, of: entries)
        }
    }

    mutating func find(_ id: String, owner: UInt64, now: Int) -> StoredObject? {
        guard let entry = entries[id], entry.object.owner == owner else { return nil }
        guard !isExpired(entry, now) else {
            remove(id)
            return nil
        }
        touch(id, owner)
        return entry.object
    }

    mutating func put(_ object: StoredObject, provesOwner: Bool, now: Int) throws(StoreError) {
        guard object.size <= limits.maximumBytes else { throw .tooLarge }
        // An id is no proof of ownership.
        if let before = entries[object.id], before.object.owner != object.owner { return }
        let owner = object.owner
        if owners[owner] == nil { owners[owner] = Owner(isProven: provesOwner) }
        if provesOwner { prove(owner) }
        owners[owner]?.objects += 1
        remove(object.id)
        let change = number()
        entries[object.id] = MemoryEntry(object: object, change: change, changed: now)
        count(object.size, of: owner)
        if let created = object.listed { enlist(ListPlace(created: created, id: object.id), of: owner) }
        touch(object.id, owner)
        changes.append(object.id, count: entries.count, of: entries)
        shrink()
        // Nothing less needed was left to forget.
        if entries[object.id] == nil { throw .tooLarge }
    }

    private mutating func count(_ size: Int, of owner: UInt64) {
        guard var account = owners[owner]?.bytes, let isProven = owners[owner]?.isProven else { return }
        account += size
        owners[owner]?.bytes = account
        bytes += size
        if !isProven { unprovenBytes += size }
        if account > limits.share { large.insert(owner) } else { large.remove(owner) }
    }

    /// Upstream has accepted the owner's key: what it has moves over to the proven.
    private mutating func prove(_ owner: UInt64) {
        guard owners[owner]?.isProven == false else { return }
        unprovenBytes -= owners[owner]?.bytes ?? 0
        owners[owner]?.isProven = true
        for (id, entry) in entries where entry.object.owner == owner {
            proven.append(id, count: entries.count, of: entries)
        }
    }

    mutating func remove(_ id: String) {
        guard let entry = entries.removeValue(forKey: id) else { return }
        let owner = entry.object.owner
        count(-entry.object.size, of: owner)
        if let created = entry.object.listed {
            let place = ListPlace(created: created, id: id)
            if let index = owners[owner]?.listed.place(of: place), owners[owner]?.listed[index] == place {
                owners[owner]?.listed.remove(at: index)
            }
        }
        owners[owner]?.objects -= 1
        if owners[owner]?.objects == 0 {
            owners[owner] = nil
            large.remove(owner)
        }
    }

    mutating func extend(_ id: String, owner: UInt64, until time: Int) {
        guard entries[id]?.object.owner == owner, entries[id]?.object.runsUntil != nil else { return }
        entries[id]?.object.runsUntil = time
    }

    // MARK: - Lists

    private mutating func enlist(_ place: ListPlace, of owner: UInt64) {
        guard let index = owners[owner]?.listed.place(of: place) else { return }
        owners[owner]?.listed.insert(place, at: index)
    }

    func list(_ page: StoredPage, owner: UInt64, now: Int) -> StoredList? {
        let places = owners[owner]?.listed ?? []
        var range = places.startIndex..<places.endIndex
        if let after = page.after {
            guard let entry = entries[after], entry.object.owner == owner, let created = entry.object.listed,
                !isExpired(entry, now)
            else { return nil }
            let index = places.place(of: ListPlace(created: created, id: after))
            range = page.isAscending ? min(index + 1, places.endIndex)..<places.endIndex : places.startIndex..<index
        }
        var objects: [StoredObject] = []
        func take(_ place: ListPlace) -> Bool {
            guard place.id.hasPrefix(page.prefix), let entry = entries[place.id], !isExpired(entry, now) else {
                return true
            }
            objects.append(entry.object)
            return objects.count <= page.limit
        }
        if page.isAscending {
            for place in places[range] { guard take(place) else { break } }
        } else {
            for place in places[range].reversed() { guard take(place) else { break } }
        }
        return StoredList(objects, of: page)
    }

    // MARK: - Forgetting

    private func isExpired(_ entry: MemoryEntry, _ now: Int) -> Bool {
        limits.retention > 0 && now - entry.changed >= limits.retention
    }

    mutating func expire(now: Int) {
        while let id = changes.first(of: entries), let entry = entries[id], isExpired(entry, now) { remove(id) }
    }

    /// Forgets until the rest fits.
    private mutating func shrink() {
        while bytes > limits.maximumBytes, let id = leastNeeded() { remove(id) }
    }

    private mutating func leastNeeded() -> String? {
        if unprovenBytes > limits.share, let id = unproven.first(of: entries) { return id }
        if let owner = large.first, let id = owners[owner]?.uses.first(of: entries) { return id }
        let candidates = [proven.first(of: entries), unproven.first(of: entries)].compactMap { $0 }
        return candidates.min { (entries[$0]?.use ?? 0) < (entries[$1]?.use ?? 0) }
    }
}

extension Array where Element: Comparable {
    /// Where an element stands in a sorted array, or would stand.
    fileprivate func place(of element: Element) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < element { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
