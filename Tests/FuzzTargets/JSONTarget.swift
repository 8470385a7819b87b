import JSONBytes
import NIOCore

/// What is accepted can be read to the last value, and written again as the same.
enum JSONTarget {
    static func run(_ bytes: UnsafeRawBufferPointer) -> String? {
        let tape = JSONTape()
        return withExtendedLifetime(tape) {
            guard let root = try? tape.parse(bytes) else { return nil }
            return check(root, other: JSONTape())
        }
    }

    private static func check(_ value: JSONValue, other: JSONTape) -> String? {
        switch value.kind {
        case .object:
            for member in value.members {
                if let fault = check(member.name, other: other) ?? check(member.value, other: other) { return fault }
            }
        case .array:
            for element in value.elements { if let fault = check(element, other: other) { return fault } }
        case .string:
            guard let text = value.string else { return "a string without content" }
            var written = ByteBuffer()
            written.writeJSON(text)
            let again = written.withUnsafeReadableBytes { bytes in (try? other.parse(bytes))?.string }
            if again != text { return "a string is not written as it was read" }
        case .number:
            guard value.double != nil else { return "a number without a value" }
            if let integer = value.integer, let double = value.double, Double(integer) != double {
                return "an integer is not its number"
            }
        case .true, .false, .null:
            break
        }
        var copy = ByteBuffer()
        copy.writeJSON(value)
        let isSame = copy.withUnsafeReadableBytes { bytes in (try? other.parse(bytes))?.kind == value.kind }
        return isSame ? nil : "a value that was copied is not read again"
    }
}
