/// Answers whether the text inside a JSON string is itself one JSON object, as arguments of tool calls must be.
///
/// Checks without noting positions; its memory is used again for the next text.
package struct JSONObjectCheck {
    /// The content of a string.
    package enum Finding: Sendable {
        case object, blank, null, other
    }

    private var scratch: [UInt8] = []

    package init() {}

    /// Reads the content of a string value; anything but a string is `other`.
    package mutating func find(_ value: JSONValue) -> Finding {
        guard let content = value.escapedContent else { return .other }
        guard value.hasEscapes else { return Self.find(content) }
        scratch.removeAll(keepingCapacity: true)
        content.withMemoryRebound(to: UInt8.self) { JSONEscapes.unescape($0, into: &scratch) }
        return scratch.withUnsafeBytes { Self.find($0) }
    }

    private static func find(_ text: UnsafeRawBufferPointer) -> Finding {
        guard let base = text.baseAddress else { return .blank }
        var scanner = JSONScanner(base: base.assumingMemoryBound(to: UInt8.self), count: text.count)
        scanner.skipWhitespace()
        guard let first = try? scanner.peek() else { return .blank }
        do throws(JSONError) {
            try skip(&scanner, depth: 0)
            scanner.skipWhitespace()
            guard scanner.position == text.count else { return .other }
        } catch {
            return .other
        }
        return first == UInt8(ascii: "{") ? .object : first == UInt8(ascii: "n") ? .null : .other
    }

    private static func skip(_ scanner: inout JSONScanner, depth: Int) throws(JSONError) {
        switch try scanner.peek() {
        case UInt8(ascii: "\""): _ = try scanner.string()
        case UInt8(ascii: "{"): try skipContainer(&scanner, depth: depth, close: UInt8(ascii: "}"), hasNames: true)
        case UInt8(ascii: "["): try skipContainer(&scanner, depth: depth, close: UInt8(ascii: "]"), hasNames: false)
        case UInt8(ascii: "t"): try scanner.literal("true")
        case UInt8(ascii: "f"): try scanner.literal("false")
        case UInt8(ascii: "n"): try scanner.literal("null")
        default: try scanner.number()
        }
    }

    private static func skipContainer(_ scanner: inout JSONScanner, depth: Int, close: UInt8, hasNames: Bool)
        throws(JSONError)
    {
        guard depth < JSONTape.maximumDepth else { throw JSONError(.tooDeep, at: scanner.position) }
        scanner.advance()
        scanner.skipWhitespace()
        if try scanner.peek() == close { return scanner.advance() }
        while true {
            if hasNames {
                guard try scanner.peek() == UInt8(ascii: "\"") else {
                    throw JSONError(.unexpectedCharacter, at: scanner.position)
                }
                _ = try scanner.string()
                scanner.skipWhitespace()
                guard try scanner.peek() == UInt8(ascii: ":") else {
                    throw JSONError(.unexpectedCharacter, at: scanner.position)
                }
                scanner.advance()
                scanner.skipWhitespace()
            }
            try skip(&scanner, depth: depth + 1)
            scanner.skipWhitespace()
            let next = try scanner.peek()
            if next == close { return scanner.advance() }
            guard next == UInt8(ascii: ",") else { throw JSONError(.unexpectedCharacter, at: scanner.position) }
            scanner.advance()
            scanner.skipWhitespace()
        }
    }
}
