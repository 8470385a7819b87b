import JSONBytes

/// The fields of one request, found in one walk over its top level.
struct ChatFields {
    /// The values of known fields, each once; one whose last value is null stands as null.
    private var values: [JSONValue] = []
    /// For each field its place in ``values``, counted from 1; 0 where it is absent.
    private var places = InlineArray<64, UInt8>(repeating: 0)
    /// Unknown members, passed on unchanged.
    private(set) var unknown: [JSONValue.Member] = []

    /// Reads the members of the request, and of a literal `extra_body` inside it.
    ///
    /// - Throws: a 400 that names the field whose value has the wrong type.
    init(_ root: JSONValue) throws(APIError) {
        values.reserveCapacity(16)
        try read(root)
        if let extra = self[.extraBody] { try read(extra) }
        keepLastOfEqualNames()
    }

    private mutating func read(_ object: JSONValue) throws(APIError) {
        for member in object.members {
            guard let field = ChatFieldTable.find(member.name) else {
                if !member.value.isNull { unknown.append(member) }
                continue
            }
            if !member.value.isNull { try Self.check(member.value, field) }
            keep(member.value, as: field.id)
        }
    }

    /// The last of two equal names wins, as in most readers of JSON.
    private mutating func keep(_ value: JSONValue, as id: ChatFieldID) {
        let place = Int(places[Int(id.rawValue)])
        if place > 0 {
            values[place - 1] = value
        } else if !value.isNull {
            values.append(value)
            places[Int(id.rawValue)] = UInt8(values.count)
        }
    }

    private mutating func keepLastOfEqualNames() {
        guard unknown.count > 1 else { return }
        var seen = Set<JSONKey>(minimumCapacity: unknown.count)
        var kept: [JSONValue.Member] = []
        for member in unknown.reversed() where seen.insert(JSONKey(member.name)).inserted { kept.append(member) }
        unknown = kept.reversed()
    }

    /// The value of a field; nil where it is absent or null.
    subscript(_ id: ChatFieldID) -> JSONValue? {
        let place = Int(places[Int(id.rawValue)])
        guard place > 0 else { return nil }
        let value = values[place - 1]
        return value.isNull ? nil : value
    }

    static func check(_ value: JSONValue, _ field: ChatFieldTable.Entry) throws(APIError) {
        guard !field.expects.takes(value) else { return }
        throw .wrongType("\(field.name)", expected: field.expects.rawValue, got: value)
    }
}

extension ChatField.Expectation {
    /// Whether a value is of the kind.
    @inline(__always)
    func takes(_ value: JSONValue) -> Bool {
        switch self {
        case .any: true
        case .boolean: value.bool != nil
        case .integer: value.integer != nil
        case .number: value.kind == .number
        case .string: value.kind == .string
        case .array: value.kind == .array
        case .object: value.kind == .object
        case .stringOrArray: value.kind == .string || value.kind == .array
        case .stringOrObject: value.kind == .string || value.kind == .object
        }
    }
}

extension APIError {
    static func wrongType(_ param: String, expected: String, got value: JSONValue) -> APIError {
        let article = expected.first.map { "aeiou".contains($0) } == true ? "an" : "a"
        return .invalidRequest(
            "Invalid type for '\(param)': expected \(article) \(expected), but got \(value.kindDescription) instead.",
            param: param,
            code: "invalid_type"
        )
    }

    package static func missing(_ param: String) -> APIError {
        .invalidRequest(
            "Missing required parameter: '\(param)'.",
            param: param,
            code: "missing_required_parameter"
        )
    }

    static func invalidValue(_ param: String, _ message: String) -> APIError {
        .invalidRequest("Invalid value for '\(param)': \(message)", param: param, code: "invalid_value")
    }
}
