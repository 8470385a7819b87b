import JSONBytes

/// A field of a request that is one flat object: embeddings, rerank, images.
package struct RequestField: Sendable {
    package var name: StaticString
    package var expects: ChatField.Expectation
    package var fate: ChatField.Fate
    /// Where it goes, in words of the native API.
    package var native: String
    package var note: String

    init(
        _ name: StaticString,
        _ expects: ChatField.Expectation,
        _ fate: ChatField.Fate,
        _ native: String = "",
        _ note: String = ""
    ) {
        self.name = name
        self.expects = expects
        self.fate = fate
        self.native = native
        self.note = note
    }
}

/// The fields of one request, found in one walk over its top level; null is an absent field.
struct RequestFields {
    private let table: [RequestField]
    private var known: [JSONValue?]
    /// Unknown members, passed on as they are.
    private(set) var unknown: [JSONValue.Member] = []

    /// Reads the members of a request, and of a literal `extra_body` inside it.
    ///
    /// - Throws: A 400 that names the field whose value has the wrong type.
    init(_ root: JSONValue, _ table: [RequestField]) throws(APIError) {
        self.table = table
        known = Array(repeating: nil, count: table.count)
        try read(root)
        if let extra = root.present("extra_body"), extra.kind == .object { try read(extra) }
        keepLastOfEqualNames()
    }

    private mutating func read(_ object: JSONValue) throws(APIError) {
        for member in object.members where !member.name.equals("extra_body") {
            guard let place = table.firstIndex(where: { member.name.equals($0.name) }) else {
                if !member.value.isNull { unknown.append(member) }
                continue
            }
            guard !member.value.isNull else {
                known[place] = nil
                continue
            }
            guard table[place].expects.takes(member.value) else {
                throw .wrongType("\(table[place].name)", expected: table[place].expects.rawValue, got: member.value)
            }
            known[place] = member.value
        }
    }

    private mutating func keepLastOfEqualNames() {
        guard unknown.count > 1 else { return }
        var seen = Set<JSONKey>(minimumCapacity: unknown.count)
        var kept: [JSONValue.Member] = []
        for member in unknown.reversed() where seen.insert(JSONKey(member.name)).inserted { kept.append(member) }
        unknown = kept.reversed()
    }

    /// The value of a field of the table; nil where it is absent or null.
    subscript(_ name: StaticString) -> JSONValue? {
        for (place, field) in table.enumerated() where Self.isSame(field.name, name) { return known[place] }
        return nil
    }

    private static func isSame(_ left: StaticString, _ right: StaticString) -> Bool {
        let count = left.utf8CodeUnitCount
        guard count == right.utf8CodeUnitCount else { return false }
        return UnsafeBufferPointer(start: left.utf8Start, count: count)
            .elementsEqual(UnsafeBufferPointer(start: right.utf8Start, count: count))
    }
}
