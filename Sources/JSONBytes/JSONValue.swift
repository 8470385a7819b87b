/// One value of a parsed text: a view of bytes that stay where they are.
///
/// Valid as long as the tape it came from is not used again and the bytes are not moved (see ``JSONTape``).
package struct JSONValue {
    package enum Kind: UInt8, Sendable {
        case object, array, string, number, `true`, `false`, null
    }

    let bytes: UnsafePointer<UInt8>
    let nodes: UnsafePointer<JSONNode>
    let index: Int

    @inline(__always)
    init(bytes: UnsafePointer<UInt8>, nodes: UnsafePointer<JSONNode>, index: Int) {
        self.bytes = bytes
        self.nodes = nodes
        self.index = index
    }

    @inline(__always)
    var node: JSONNode { nodes[index] }

    package var kind: Kind { node.kind }

    package var isNull: Bool { kind == .null }

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
    package var text: UnsafeRawBufferPointer {
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
        let digits = String(decoding: text, as: UTF8.self)
        if let exact = Int(digits) { return exact }
        guard let number = Double(digits) else { return nil }
        return Int(exactly: number)
    }

    package var double: Double? {
        guard kind == .number else { return nil }
        return Double(String(decoding: text, as: UTF8.self))
    }
}

// MARK: - Strings

extension JSONValue {
    /// The bytes between the quotes, escape sequences as they came; nil where this is no string.
    @inline(__always)
    package var escapedContent: UnsafeRawBufferPointer? {
        guard kind == .string else { return nil }
        return UnsafeRawBufferPointer(start: bytes + Int(node.start) + 1, count: Int(node.end - node.start) - 2)
    }

    package var hasEscapes: Bool { node.flags & JSONNode.escaped != 0 }

    package var isEmptyString: Bool { kind == .string && node.end - node.start == 2 }

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
        // Keys are short: comparing here is quicker than a call.
        let left = bytes + Int(node.start) + 1
        let right = other.utf8Start
        for position in 0..<count where left[position] != right[position] { return false }
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
    package var elements: Elements {
        kind == .array ? Elements(self) : Elements(empty: self)
    }

    /// The members of an object, in order; nothing for other kinds.
    package var members: Members {
        kind == .object ? Members(self) : Members(empty: self)
    }

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
        search: while position < end {
            let key = nodes[position]
            let value = position &+ 1
            position = Int(nodes[value].next)
            if key.flags & JSONNode.escaped != 0 {
                let key = JSONValue(bytes: bytes, nodes: nodes, index: value &- 1)
                if key.equalsUnescaped(name) { found = value }
                continue
            }
            guard key.end &- key.start == length else { continue }
            let start = bytes + Int(key.start) + 1
            var offset = 0
            while offset < Int(length) &- 2 {
                if start[offset] != wanted[offset] { continue search }
                offset &+= 1
            }
            found = value
        }
        return found < 0 ? nil : JSONValue(bytes: bytes, nodes: nodes, index: found)
    }

    /// The member with this name unless it is null.
    package func present(_ name: StaticString) -> JSONValue? {
        guard let value = self[name], !value.isNull else { return nil }
        return value
    }

    package struct Elements: Sequence, IteratorProtocol {
        private let parent: JSONValue
        private var position: Int
        private let end: Int

        init(_ parent: JSONValue) {
            self.parent = parent
            position = parent.index + 1
            end = Int(parent.node.next)
        }

        init(empty parent: JSONValue) {
            self.parent = parent
            position = 0
            end = 0
        }

        @inline(__always)
        package mutating func next() -> JSONValue? {
            guard position < end else { return nil }
            let value = JSONValue(bytes: parent.bytes, nodes: parent.nodes, index: position)
            position = Int(value.node.next)
            return value
        }
    }

    package struct Member {
        package let name: JSONValue
        package let value: JSONValue
    }

    package struct Members: Sequence, IteratorProtocol {
        private var elements: Elements

        init(_ parent: JSONValue) { elements = Elements(parent) }

        init(empty parent: JSONValue) { elements = Elements(empty: parent) }

        @inline(__always)
        package mutating func next() -> Member? {
            guard let name = elements.next(), let value = elements.next() else { return nil }
            return Member(name: name, value: value)
        }
    }
}
