import JSONBytes

/// A field of a request that is one flat object: embeddings, rerank, images.
package struct RequestField: Sendable {
    package var name: StaticString
    package var expects: ChatField.Expectation
    package var fate: ChatField.Fate
    /// Where it goes, in words of the native API.
    package var native: String
    package var note: String
    /// What the elements of a list must be.
    var elements: ChatField.Expectation

    init(
        _ name: StaticString,
        _ expects: ChatField.Expectation,
        _ fate: ChatField.Fate,
        _ native: String = "",
        _ note: String = "",
        elements: ChatField.Expectation = .any
    ) {
        self.elements = elements
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
    /// The places of those that stand in the nested object only.
    private var nestedPlaces: Set<Int> = []
    /// Unknown members, passed on as they are.
    private(set) var unknown: [JSONValue.Member] = []

    /// Members that count for nothing, because another of the same name does.
    private(set) var repeated = AdjustmentList()

    /// Which of two members of one name counts.
    private enum Precedence {
        /// The last, as in most readers of JSON.
        case last
        /// The one outside the object that is read.
        case outer
    }

    /// Reads the members of a request, and of a literal `extra_body` inside it; also those of the member named `nested`, which
    /// count where they do not stand at the top.
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
        try read(root, .last)
        if let extra = root.present("extra_body"), !(isForm && extra.isEmptyString) {
            guard extra.kind == .object else { throw .wrongType("extra_body", expected: "object", got: extra) }
            try read(extra, .last)
        }
        keepLastOfEqualNames()
        guard let nested, let more = self[nested], more.kind == .object else { return }
        try read(more, .outer, inside: "\(nested).")
        keepLastOfEqualNames(inside: "\(nested).")
    }

    private mutating func read(_ object: JSONValue, _ precedence: Precedence, inside prefix: String = "")
        throws(APIError)
    {
        var more: [JSONValue.Member] = []
        for member in object.members where !member.name.equals("extra_body") {
            guard let place = place(of: member.name) else {
                if !member.value.isNull { more.append(member) }
                continue
            }
            let field = table[place]
            let value = lastOfForm(member.value, field)
            let isAbsent = value.isNull || isUnset(value, field)
            if !isAbsent { try check(value, field, named: "\(prefix)\(field.name)") }
            if let present = known[place] {
                if precedence == .outer, !nestedPlaces.contains(place) {
                    if !isAbsent {
                        report("\(prefix)\(field.name)", value, besides: present, as: GenerationWriter.short)
                    }
                    continue
                }
                report("\(prefix)\(field.name)", present, besides: value, as: GenerationWriter.short)
            }
            known[place] = isAbsent ? nil : value
            if precedence == .outer, !isAbsent { nestedPlaces.insert(place) }
        }
        guard precedence == .outer, !unknown.isEmpty else { return unknown += more }
        var outer: [JSONKey: JSONValue] = [:]
        for member in unknown { outer[JSONKey(member.name)] = member.value }
        for member in more {
            guard let present = outer[JSONKey(member.name)] else {
                unknown.append(member)
                continue
            }
            report(prefix + GenerationWriter.memberName(member.name), member.value, besides: present)
        }
    }

    /// The last of the values that a form has for a field with one; the others are reported.
    private mutating func lastOfForm(_ value: JSONValue, _ field: RequestField) -> JSONValue {
        guard isForm, value.kind == .array, [.boolean, .integer, .number, .string].contains(field.expects) else {
            return value
        }
        let values = Array(value.elements)
        guard let last = values.last, values.count > 1 else { return value }
        for earlier in values.dropLast() {
            report("\(field.name)", earlier, besides: last, as: GenerationWriter.short)
        }
        return last
    }

    private func check(_ value: JSONValue, _ field: RequestField, named name: @autoclosure () -> String)
        throws(APIError)
    {
        guard isForm ? field.expects.takesForm(value) : field.expects.takes(value) else {
            throw .wrongType(name(), expected: field.expects.rawValue, got: value)
        }
        guard field.elements != .any else { return }
        guard value.kind == .array else {
            // The one element of a list, in a form.
            guard field.expects != .array || field.elements.takesForm(value) else {
                throw .wrongType(name(), expected: field.expects.rawValue, got: value)
            }
            return
        }
        for (place, element) in value.elements.enumerated() {
            guard isForm ? field.elements.takesForm(element) : field.elements.takes(element) else {
                throw .wrongType("\(name())[\(place)]", expected: field.elements.rawValue, got: element)
            }
        }
    }

    private mutating func report(
        _ name: String,
        _ value: JSONValue,
        besides present: JSONValue,
        as word: (JSONValue) -> String = GenerationWriter.shortUnknown
    ) {
        guard !value.text.elementsEqual(present.text) else { return }
        repeated.add(
            name,
            from: word(value),
            to: present.isNull ? "none" : word(present),
            reason: "the request has it twice"
        )
    }

    /// Whether a field stands in the nested object only.
    func isNested(_ name: StaticString) -> Bool { isNested("\(name)") }

    private func isNested(_ name: String) -> Bool {
        nestedPlaces.contains { "\(table[$0].name)" == name }
    }

    /// A refusal that names the member where the client wrote it: `metadata.seconds`.
    func located(_ error: APIError, in nested: StaticString) -> APIError {
        guard let param = error.param, isNested(String(param.prefix { $0 != "." && $0 != "[" })) else { return error }
        var located = error
        located.param = "\(nested).\(param)"
        located.message = error.message.replacing("'\(param)'", with: "'\(nested).\(param)'")
        return located
    }

    /// The names of the members that upstream may have seen.
    var sentNames: Set<String> {
        var names = Set(unknown.map { GenerationWriter.memberName($0.name) })
        for (place, field) in table.enumerated() where known[place] != nil {
            if field.fate != .ignored, field.fate != .local { names.insert("\(field.name)") }
        }
        return names
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

    private mutating func keepLastOfEqualNames(inside prefix: String = "") {
        guard unknown.count > 1 else { return }
        var seen = Set<JSONKey>(minimumCapacity: unknown.count)
        var (kept, dropped): ([JSONValue.Member], [JSONValue.Member]) = ([], [])
        for member in unknown.reversed() {
            if seen.insert(JSONKey(member.name)).inserted {
                kept.append(member)
            } else {
                dropped.append(member)
            }
        }
        unknown = kept.reversed()
        guard !dropped.isEmpty else { return }
        var present: [JSONKey: JSONValue] = [:]
        for member in kept { present[JSONKey(member.name)] = member.value }
        for member in dropped.reversed() {
            guard let value = present[JSONKey(member.name)] else { continue }
            report(prefix + GenerationWriter.memberName(member.name), member.value, besides: value)
        }
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
