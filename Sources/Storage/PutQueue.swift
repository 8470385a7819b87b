import NIOCore

/// Objects that wait to be kept, in groups that share a transaction: most of what a transaction costs does not depend on
/// how many objects it keeps.
struct PutQueue {
    /// Objects, and bytes of them, that one transaction keeps at most, so that others get their turn.
    private static let longestGroup = 256
    private static let mostBytes = 1 << 20
    /// While objects come faster, a transaction begins after this time only.
    static let interval = TimeAmount.milliseconds(20)

    private var groups: [PutGroup] = []
    /// The group that others may still join, which is the last one then.
    private var open: PutGroup?
    /// Groups that there have been so far.
    private(set) var count = 0
    /// Whether the thread will come for the first group.
    var isAwaited = false
    /// When the last group was kept.
    private var lastTurn = NIODeadline.distantPast

    var isEmpty: Bool { groups.isEmpty }

    /// When the next group may have its turn.
    var nextTurn: NIODeadline { lastTurn + Self.interval }

    /// What comes from now on does not share a transaction with what waits already.
    mutating func endGroup() { open = nil }

    /// Appends an object; the group where it begins one.
    mutating func append(
        _ object: StoredObject,
        provesOwner: Bool,
        _ promise: EventLoopPromise<Void>,
        deadline: NIODeadline
    )
        -> PutGroup?
    {
        if let open, open.count < Self.longestGroup, open.bytes + object.size <= Self.mostBytes {
            open.append(object, provesOwner: provesOwner, promise)
            return nil
        }
        count += 1
        let group = PutGroup(number: count, deadline: deadline)
        group.append(object, provesOwner: provesOwner, promise)
        groups.append(group)
        open = group
        return group
    }

    /// Takes out the first group where its number is not above this one.
    mutating func takeFirst(upTo number: Int) -> PutGroup? {
        guard let first = groups.first, first.number <= number else { return nil }
        groups.removeFirst()
        if first === open { open = nil }
        lastTurn = .now()
        return first
    }
}
