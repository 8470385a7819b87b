/// Makes a value that satisfies a JSON Schema.
struct SchemaFiller {
    let root: JSON
    /// Used for free strings, in turn; the property's name where it is empty.
    var words: [String]
    /// The first that is allowed stands where an integer is asked for.
    var numbers: [Int] = []

    func value() -> JSON { value(for: root, name: "value", depth: 0) }

    private func value(for schema: JSON, name: String, depth: Int) -> JSON {
        guard depth < 12 else { return .null }
        if let constant = schema["const"] { return constant }
        if let first = schema["enum"]?[0] { return first }
        if let reference = schema["$ref"]?.string {
            return value(for: resolve(reference), name: name, depth: depth + 1)
        }
        for key in ["anyOf", "oneOf"] {
            if let options = schema[key]?.array, let first = options.first(where: { $0["type"]?.string != "null" }) {
                return value(for: first, name: name, depth: depth + 1)
            }
        }
        if let parts = schema["allOf"]?.array {
            let values = parts.map { value(for: $0, name: name, depth: depth + 1) }
            let members = values.flatMap { $0.members ?? [] }
            return members.isEmpty ? values.first ?? .null : .object(members)
        }
        switch type(of: schema) {
        case "object": return object(for: schema, depth: depth)
        case "array":
            let item = schema["items"] ?? ["type": "string"]
            let count = max(1, schema["minItems"]?.int ?? 1)
            return .array((0..<min(count, 64)).map { _ in value(for: item, name: name, depth: depth + 1) })
        case "integer":
            return .int(numbers.first { isAllowed($0, by: schema) } ?? Int(exactly: bounded(schema, step: 1)) ?? 1)
        case "number":
            let number = bounded(schema, step: 0.5)
            return Int(exactly: number).map(JSON.int) ?? .number(number)
        case "boolean": return true
        case "null": return .null
        default: return .string(text(for: schema, name: name))
        }
    }

    private func type(of schema: JSON) -> String {
        if let type = schema["type"]?.string { return type }
        if let types = schema["type"]?.array { return types.compactMap(\.string).first { $0 != "null" } ?? "null" }
        return schema["properties"] != nil ? "object" : "string"
    }

    private func object(for schema: JSON, depth: Int) -> JSON {
        let required = Set((schema["required"]?.array ?? []).compactMap(\.string))
        // Optional members are left out below the first levels, so that recursive schemas end.
        let members = (schema["properties"]?.members ?? []).filter { depth < 4 || required.contains($0.name) }
        return .object(
            members.map {
                JSON.Member(name: $0.name, value: value(for: $0.value, name: $0.name, depth: depth + 1))
            }
        )
    }

    private func isAllowed(_ number: Int, by schema: JSON) -> Bool {
        let number = Double(number)
        if let least = schema["minimum"]?.number, number < least { return false }
        if let below = schema["exclusiveMinimum"]?.number, number <= below { return false }
        if let most = schema["maximum"]?.number, number > most { return false }
        if let above = schema["exclusiveMaximum"]?.number, number >= above { return false }
        return true
    }

    private func bounded(_ schema: JSON, step: Double) -> Double {
        if let least = schema["minimum"]?.number { return step == 1 ? least.rounded(.up) : least }
        if let below = schema["exclusiveMinimum"]?.number { return step == 1 ? below.rounded(.down) + 1 : below + step }
        if let most = schema["maximum"]?.number, most < 1 { return step == 1 ? most.rounded(.down) : most }
        if let most = schema["exclusiveMaximum"]?.number, most <= 1 {
            return step == 1 ? most.rounded(.up) - 1 : most - step
        }
        return 1
    }

    private func text(for schema: JSON, name: String) -> String {
        switch schema["format"]?.string {
        case "date": return "2026-01-10"
        case "time": return "12:00:00Z"
        case "date-time": return "2026-01-10T12:00:00Z"
        case "email": return "someone@example.com"
        case "uri", "url": return "https://example.com/"
        case "uuid": return "d272255f-82d7-9cc7-93c5-17ff77024350"
        default: break
        }
        var text = words.first ?? name
        if let least = schema["minLength"]?.int {
            while text.unicodeScalars.count < min(least, 4_096) { text += "x" }
        }
        if let most = schema["maxLength"]?.int {
            text = String(text.unicodeScalars.prefix(max(0, most)).map(Character.init))
        }
        return text
    }

    private func resolve(_ reference: String) -> JSON {
        var value = root
        for step in reference.split(separator: "/").dropFirst(reference.hasPrefix("#") ? 1 : 0) {
            value = value[String(step)] ?? .object([])
        }
        return value
    }
}
