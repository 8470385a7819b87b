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
    /// Whether the request may have been a form, whose values are texts.
    let isForm: Bool
    private var known: [JSONValue?]
    /// Unknown members, passed on as they are.
    private(set) var unknown: [JSONValue.Member] = []

    /// Reads the members of a request, and of a literal `extra_body` inside it; also those of the member named `nested`.
    ///
    /// - Throws: A 400 that names the field whose value has the wrong type.
    init(
        _ root: JSONValue,
        _ table: [RequestField],
        isForm: Bool = false,
        nested: StaticString? = nil
    ) throws(APIError) {
        self.table = table
        self.isForm = isForm
        known = Array(repeating: nil, count: table.count)
        try read(root)
        if let nested, let more = root.present(nested), more.kind == .object { try read(more) }
        if let extra = root.present("extra_body"), extra.kind == .object { try read(extra) }
        keepLastOfEqualNames()
    }

    private mutating func read(_ object: JSONValue) throws(APIError) {
        for member in object.members where !member.name.equals("extra_body") {
            guard let place = place(of: member.name) else {
                if !member.value.isNull { unknown.append(member) }
                continue
            }
            guard !member.value.isNull, !isUnset(member.value, table[place]) else {
                known[place] = nil
                continue
            }
            let expects = table[place].expects
            guard isForm ? expects.takesForm(member.value) : expects.takes(member.value) else {
                throw .wrongType("\(table[place].name)", expected: table[place].expects.rawValue, got: member.value)
            }
            known[place] = member.value
        }
    }

    private func place(of name: JSONValue) -> Int? {
        if let place = table.firstIndex(where: { name.equals($0.name) }) { return place }
        // Lists of a form are named so.
        guard isForm, let text = name.string, text.hasSuffix("[]") else { return nil }
        return table.firstIndex { "\($0.name)" == text.dropLast(2) }
    }

    /// Whether a form has left a field empty that is no text.
    private func isUnset(_ value: JSONValue, _ field: RequestField) -> Bool {
        guard isForm, value.isEmptyString else { return false }
        return switch field.expects {
        case .boolean, .integer, .number, .array, .object: true
        default: false
        }
    }

    /// The entry of the table for a field.
    static func entry(_ name: StaticString, in table: [RequestField]) -> RequestField? {
        table.first { isSame($0.name, name) }
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
