import ByteWriting
import JSONBytes
import NIOCore

/// Members of upstream objects that no face has a place for, kept by name and as they came.
///
/// The last value of a name wins, but an empty one never replaces another: later events repeat such members with
/// nothing in them. Bounded, because the names are the upstream's.
struct ExtraMembers: Sendable {
    private struct Entry: Sendable {
        /// With its quotes.
        var name: [UInt8]
        /// Of the name; most names are told apart by it.
        var hash: UInt64
        var value: [UInt8]
        var isEmpty: Bool
    }

    private static let maximumCount = 64
    private var entries: [Entry] = []

    /// Whether there is a member that says something.
    var hasContent: Bool { entries.contains { !$0.isEmpty } }

    static func isEmpty(_ value: JSONValue) -> Bool {
        value.isNull || value.isEmptyString || value.isEmptyContainer
    }

    /// Remembers a member.
    ///
    /// - Returns: Whether something is known now that was not known before.
    mutating func set(_ name: JSONValue, _ value: JSONValue) -> Bool {
        let isEmpty = Self.isEmpty(value)
        let hash = Self.hash(name.text)
        guard let index = entries.firstIndex(where: { $0.hash == hash && $0.name.elementsEqual(name.text) }) else {
            guard entries.count < Self.maximumCount else { return false }
            entries.append(Entry(name: Array(name.text), hash: hash, value: Array(value.text), isEmpty: isEmpty))
            return !isEmpty
        }
        guard !isEmpty, !entries[index].value.elementsEqual(value.text) else { return false }
        entries[index].value.removeAll(keepingCapacity: true)
        entries[index].value.append(contentsOf: value.text)
        entries[index].isEmpty = false
        return true
    }

    /// FNV-1a.
    private static func hash(_ name: UnsafeRawBufferPointer) -> UInt64 {
        name.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
    }

    func value(_ name: StaticString) -> [UInt8]? {
        entries.first { Self.matches($0, name) }?.value
    }

    private static func matches(_ entry: Entry, _ name: StaticString) -> Bool {
        let bytes = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        return entry.name.dropFirst().dropLast().elementsEqual(bytes)
    }

    /// Appends `,"name":value` for each member that says something.
    func write(into output: inout ByteBuffer, except left: StaticString? = nil) {
        for entry in entries where !entry.isEmpty {
            if let left, Self.matches(entry, left) { continue }
            output.append(",")
            output.append(bytes: entry.name)
            output.append(":")
            output.append(bytes: entry.value)
        }
    }

    /// Appends all members, empty ones too, as an object behind this opening, which ends in a brace.
    func write(into output: inout ByteBuffer, object opening: StaticString) {
        output.append(opening)
        for (position, entry) in entries.enumerated() {
            if position > 0 { output.append(",") }
            output.append(bytes: entry.name)
            output.append(":")
            output.append(bytes: entry.value)
        }
        output.append("}")
    }
}
