import ByteWriting
import JSONBytes
import NIOCore

// A form has texts only: `0.2` and `true` come as strings, and mean what they say.

extension JSONValue {
    /// The boolean that the value is, or that its text says.
    var formBool: Bool? {
        if let flag = bool { return flag }
        guard let text = escapedContent, text.count <= 5 else { return nil }
        // Clients in Python write `True`.
        switch String(decoding: text, as: UTF8.self).lowercased() {
        case "true", "1": return true
        case "false", "0": return false
        default: return nil
        }
    }

    /// The number that the value is, or that its text says.
    var formDouble: Double? { double ?? numberText.flatMap(Double.init) }

    /// The whole number that the value is, or that its text says.
    var formInteger: Int? {
        if let number = integer { return number }
        guard let text = numberText else { return nil }
        return Int(text) ?? Double(text).flatMap { Int(exactly: $0) }
    }

    /// The text of a string that is a number as JSON has it.
    fileprivate var numberText: String? {
        guard let text = escapedContent, !text.isEmpty, text.count <= 64 else { return nil }
        let tape = JSONTape()
        let isNumber = withExtendedLifetime(tape) { (try? tape.parse(text))?.kind == .number }
        return isNumber ? String(decoding: text, as: UTF8.self) : nil
    }

    /// The elements of a list; a form with one element has no list.
    var formElements: [JSONValue] { kind == .array ? Array(elements) : [self] }
}

extension ChatField.Expectation {
    /// Whether a value is of the kind, or a text of a form that says such a value.
    func takesForm(_ value: JSONValue) -> Bool {
        guard !takes(value) else { return true }
        return switch self {
        case .boolean: value.formBool != nil
        case .integer: value.formInteger != nil
        case .number: value.formDouble != nil
        case .array: value.kind == .string || value.kind == .number
        default: false
        }
    }
}

extension ByteBuffer {
    /// Appends a value of a field as JSON has it: a number and a boolean without quotes, a single element as a list.
    mutating func writeForm(_ value: JSONValue, as expected: ChatField.Expectation) {
        switch expected {
        case .boolean:
            if let flag = value.formBool { writeJSON(flag) } else { writeJSON(value) }
        case .integer, .number:
            if value.kind == .string, let text = value.escapedContent {
                append(bytes: text)
            } else {
                writeJSON(value)
            }
        case .array where value.kind != .array:
            append("[")
            writeJSON(value)
            append("]")
        default: writeJSON(value)
        }
    }
}
