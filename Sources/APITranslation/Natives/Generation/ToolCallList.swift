import JSONBytes

/// The tool calls of one choice in the order in which they began, found by upstream's index or by identifier.
///
/// A few calls are searched one by one; more are looked up, so that an answer of many calls costs what it is long.
struct ToolCallList: Sendable {
    /// More calls in one choice are taken for damage.
    static let maximumCount = 4096
    private static let few = 16

    private(set) var calls: [ToolCallProgress] = []
    private var positionsByIndex: [Int: Int] = [:]
    private var positionsByID: [[UInt8]: Int] = [:]

    var count: Int { calls.count }
    var isEmpty: Bool { calls.isEmpty }

    subscript(position: Int) -> ToolCallProgress {
        _read { yield calls[position] }
        _modify { yield &calls[position] }
    }

    /// The newest call with this index.
    func position(ofIndex index: Int) -> Int? {
        if let last = calls.last, last.nativeIndex == index { return calls.count - 1 }
        guard calls.count > Self.few else { return calls.lastIndex { $0.nativeIndex == index } }
        return positionsByIndex[index]
    }

    /// The newest call with this identifier.
    func position(ofID id: UnsafeRawBufferPointer) -> Int? {
        if let last = calls.last, last.id.elementsEqual(id) { return calls.count - 1 }
        guard calls.count > Self.few else { return calls.lastIndex { $0.id.elementsEqual(id) } }
        return positionsByID[Array(id)]
    }

    /// Begins a call and returns its position.
    mutating func begin(index: Int) -> Int {
        let position = calls.count
        calls.append(ToolCallProgress(nativeIndex: index))
        if position == Self.few {
            for known in calls.indices { note(known) }
        } else if position > Self.few {
            note(position)
        }
        return position
    }

    /// Gives a call an identifier, whole, repeated or in pieces.
    mutating func take(id piece: UnsafeRawBufferPointer, at position: Int) {
        guard calls.count > Self.few else { return calls[position].take(id: piece) }
        let known = calls[position].id
        calls[position].take(id: piece)
        guard calls[position].id != known else { return }
        if positionsByID[known] == position { positionsByID[known] = nil }
        note(position)
    }

    private mutating func note(_ position: Int) {
        positionsByIndex[calls[position].nativeIndex] = position
        if !calls[position].id.isEmpty { positionsByID[calls[position].id] = position }
    }
}
