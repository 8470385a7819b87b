/// One value of a parsed text: a view of bytes that stay where they are.
///
/// Valid as long as the tape it came from is not used again and the bytes are not moved (see ``JSONTape``). What is asked
/// of each value is inlined where it is asked. Debug builds stop where a value of an earlier text is read.
package struct JSONValue {
    package enum Kind: UInt8, Sendable {
        case object, array, string, number, `true`, `false`, null
    }

    package let bytes: UnsafePointer<UInt8>
    package let nodes: UnsafePointer<JSONNode>
    package var index: Int
    #if DEBUG
    private let generation: JSONGeneration
    private let ownGeneration: Int

    /// The first value of the text that the tape has parsed last.
    init(bytes: UnsafePointer<UInt8>, nodes: UnsafePointer<JSONNode>, generation: JSONGeneration) {
        self.bytes = bytes
        self.nodes = nodes
        index = 0
        self.generation = generation
        ownGeneration = generation.number
    }

    package var node: JSONNode {
        precondition(generation.number == ownGeneration, "a JSON value is read after its tape was used again")
        return nodes[index]
    }
    #else
    /// The first value of a text.
    init(bytes: UnsafePointer<UInt8>, nodes: UnsafePointer<JSONNode>) {
        self.bytes = bytes
        self.nodes = nodes
        index = 0
    }

    @inlinable
    @inline(__always)
    package var node: JSONNode { nodes[index] }
    #endif

    /// The value at another place of the same text.
    @inlinable
    @inline(__always)
    func value(at index: Int) -> JSONValue {
        var value = self
        value.index = index
        return value
    }

    @inlinable package var kind: Kind { node.kind }

    @inlinable package var isNull: Bool { kind == .null }

    /// The kind in the words of an error message ("an object", "a string", …).
    package var kindDescription: String {
        switch kind {
        case .object: "an object"
        case .array: "an array"
        case .string: "a string"
        case .number: "a number"
        case .true, .false: "a boolean"
        case .null: "null"
        }
    }

    /// Offset of the value's first byte in the parsed text.
    package var offset: Int { Int(node.start) }

    /// The text of the value as it came, quotes and blanks inside included.
    @inlinable package var text: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: bytes + Int(node.start), count: Int(node.end - node.start))
    }

    package var bool: Bool? {
        switch kind {
        case .true: true
        case .false: false
        default: nil
        }
    }

    /// The number if it is written as an integer that fits, or has no fraction (`1.0`, `1e3`).
    package var integer: Int? {
        guard kind == .number else { return nil }
        if let short = shortDecimal, short.fraction == 0 { return short.digits }
        let digits = String(decoding: text, as: UTF8.self)
        if let exact = Int(digits) { return exact }
        guard let number = Double(digits) else { return nil }
        return Int(exactly: number)
    }

    package var double: Double? {
        guard kind == .number else { return nil }
        // Both are exact, and so their quotient is the nearest number, as it is in `strtod`.
        if let short = shortDecimal { return Double(short.digits) / Self.powersOfTen[short.fraction] }
        return Double(String(decoding: text, as: UTF8.self))
    }

    private static let powersOfTen: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14,
    ]

    /// A number such as `0.7` or `512`, of at most 15 characters, as an integer and how many of its digits stand behind
    /// the point; nil for one with a sign or an exponent.
    private var shortDecimal: (digits: Int, fraction: Int)? {
        let text = text
        guard text.count <= 15 else { return nil }
        var digits = 0
        var fraction = 0
        var hasPoint = false
        var position = 0
        while position < text.count {
            let byte = text[position]
            position &+= 1
            if byte &- 0x30 < 10 {
                digits = digits &* 10 &+ Int(byte &- 0x30)
                if hasPoint { fraction &+= 1 }
            } else if byte == UInt8(ascii: "."), !hasPoint {
                hasPoint = true
            } else {
                return nil
            }
        }
        return (digits, fraction)
    }
}

// MARK: - Strings

extension JSONValue {
    /// The bytes between the quotes, escape sequences as they came; nil where this is no string.
    @inlinable
    @inline(__always)
    package var escapedContent: UnsafeRawBufferPointer? {
        guard kind == .string else { return nil }
        return UnsafeRawBufferPointer(start: bytes + Int(node.start) + 1, count: Int(node.end - node.start) - 2)
    }

    @inlinable package var hasEscapes: Bool { node.flags & JSONNode.escaped != 0 }

    @inlinable package var isEmptyString: Bool { kind == .string && node.end - node.start == 2 }

    /// The string with its escape sequences resolved; nil where this is no string.
    package var string: String? {
        guard let content = escapedContent else { return nil }
        guard hasEscapes else { return String(decoding: content, as: UTF8.self) }
        return String(decoding: unescaped(content), as: UTF8.self)
    }

    /// Whether this is a string with exactly this content.
    @inline(__always)
    package func equals(_ other: StaticString) -> Bool {
        let node = node
        let count = Int(node.end &- node.start) &- 2
        guard count == other.utf8CodeUnitCount, node.kind == .string, node.flags & JSONNode.escaped == 0 else {
            return hasEscapes && equalsUnescaped(other)
        }
        return Self.isSame(bytes + Int(node.start) + 1, other.utf8Start, count)
    }

    /// Whether two texts of this length are the same.
    ///
    /// Names are short and many: words are compared, the last one overlapping the one before, which is quicker than a call
    /// and than a walk over bytes.
    @inline(__always)
    private static func isSame(_ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        func word<Word: FixedWidthInteger>(_ text: UnsafePointer<UInt8>, _ position: Int, as: Word.Type) -> Word {
            UnsafeRawPointer(text).loadUnaligned(fromByteOffset: position, as: Word.self)
        }
        if count >= 8 {
            var position = 0
            while position < count &- 8 {
                if word(left, position, as: UInt64.self) != word(right, position, as: UInt64.self) { return false }
                position &+= 8
            }
            return word(left, count &- 8, as: UInt64.self) == word(right, count &- 8, as: UInt64.self)
        }
        if count >= 4 {
            return word(left, 0, as: UInt32.self) == word(right, 0, as: UInt32.self)
                && word(left, count &- 4, as: UInt32.self) == word(right, count &- 4, as: UInt32.self)
        }
        var position = 0
        while position < count {
            if left[position] != right[position] { return false }
            position &+= 1
        }
        return true
    }

    private func equalsUnescaped(_ other: StaticString) -> Bool {
        guard let content = escapedContent else { return false }
        return unescaped(content)
            .elementsEqual(UnsafeBufferPointer(start: other.utf8Start, count: other.utf8CodeUnitCount))
    }

    private func unescaped(_ content: UnsafeRawBufferPointer) -> [UInt8] {
        var resolved: [UInt8] = []
        resolved.reserveCapacity(content.count)
        content.withMemoryRebound(to: UInt8.self) { JSONEscapes.unescape($0, into: &resolved) }
        return resolved
    }
}

// MARK: - Containers

extension JSONValue {
    /// The elements of an array, in order; nothing for other kinds.
    @inlinable package var elements: Elements { Elements(self, of: .array) }

    /// The members of an object, in order; nothing for other kinds.
    @inlinable package var members: Members { Members(self) }

    package var isEmptyContainer: Bool {
        (kind == .array || kind == .object) && Int(node.next) == index + 1
    }

    /// The member of an object with this name; the last one where a name stands twice.
    package subscript(_ name: StaticString) -> JSONValue? {
        guard kind == .object else { return nil }
        // Asked a hundred times of a request: what is the same for all members is read once.
        let (wanted, length) = (name.utf8Start, UInt32(truncatingIfNeeded: name.utf8CodeUnitCount &+ 2))
        let end = Int(node.next)
        var position = index &+ 1
        var found = -1
        while position < end {
            let key = nodes[position]
            let value = position &+ 1
            position = Int(nodes[value].next)
            if key.flags & JSONNode.escaped != 0 {
                let key = self.value(at: value &- 1)
                if key.equalsUnescaped(name) { found = value }
                continue
            }
            guard key.end &- key.start == length else { continue }
            if Self.isSame(bytes + Int(key.start) + 1, wanted, Int(length) &- 2) { found = value }
        }
        return found < 0 ? nil : value(at: found)
    }

    /// The member with this name unless it is null.
    package func present(_ name: StaticString) -> JSONValue? {
        guard let value = self[name], !value.isNull else { return nil }
        return value
    }

    package struct Elements: Sequence, IteratorProtocol {
        @usableFromInline let parent: JSONValue
        @usableFromInline var position: Int
        @usableFromInline let end: Int

        @inlinable
        init(_ parent: JSONValue, of kind: Kind) {
            self.parent = parent
            let node = parent.node
            position = parent.index &+ 1
            end = node.kind == kind ? Int(node.next) : 0
        }

        @inlinable
        @inline(__always)
        package mutating func next() -> JSONValue? {
            guard position < end else { return nil }
            let value = parent.value(at: position)
            position = Int(value.node.next)
            return value
        }
    }

    package struct Member {
        package let name: JSONValue
        package let value: JSONValue

        @inlinable
        init(name: JSONValue, value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    package struct Members: Sequence, IteratorProtocol {
        @usableFromInline var names: Elements

        @inlinable
        init(_ parent: JSONValue) { names = Elements(parent, of: .object) }

        @inlinable
        @inline(__always)
        package mutating func next() -> Member? {
            guard names.position < names.end else { return nil }
            // A value follows its name.
            let name = names.parent.value(at: names.position)
            let value = names.parent.value(at: names.position &+ 1)
            names.position = Int(value.node.next)
            return Member(name: name, value: value)
        }
    }
}
