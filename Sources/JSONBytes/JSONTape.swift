/// A validating JSON parser that records positions instead of building a tree.
///
/// One pass checks the whole text (grammar, UTF-8, surrogate pairs, depth) and notes where each value stands, so
/// that reading and copying values afterwards never looks at bytes again. A tape is reused for many texts; it is
/// not shared between threads. Values read from it are valid until the next `parse` and only while the parsed
/// bytes stay where they are: call it inside `withUnsafeReadableBytes` and let no value leave the closure.
package final class JSONTape {
    /// Deeper texts are refused.
    package static let maximumDepth = 256

    private var nodes: UnsafeMutablePointer<JSONNode>
    private var capacity: Int
    private var count = 0
    /// More nodes than this many cannot belong to as few values as the text may hold: each value has at most one name.
    private var maximumNodes = Int.max
    /// Asked before more than a mebibyte is taken, with the bytes to come; where it says no, the text has too many values.
    package var mayGrow: ((Int) -> Bool)?
    /// Whether the last text was given up because of that.
    package private(set) var isRefusedGrowth = false

    #if DEBUG
    private let generation = JSONGeneration()
    #endif

    /// Nodes that are kept from text to text.
    private static let keptCapacity = 65_536

    package init(capacity: Int = 128) {
        self.capacity = capacity
        self.nodes = .allocate(capacity: capacity)
    }

    deinit {
        nodes.deallocate()
    }

    /// Parses one text that holds exactly one value, with at most `maximumValues` values inside; names are not counted.
    ///
    /// - Throws: ``JSONError`` with the byte offset of the first fault.
    package func parse(_ bytes: UnsafeRawBufferPointer, maximumValues: Int = .max) throws(JSONError) -> JSONValue {
        #if DEBUG
        generation.number += 1
        #endif
        count = 0
        maximumNodes = maximumValues > Int.max / 2 ? .max : 2 * maximumValues
        isRefusedGrowth = false
        shrink()
        guard bytes.count < Int(UInt32.max) else { throw JSONError(.tooLarge, at: 0) }
        guard let base = bytes.baseAddress, !bytes.isEmpty else { throw JSONError(.unexpectedEnd, at: 0) }
        var scanner = JSONScanner(base: base.assumingMemoryBound(to: UInt8.self), count: bytes.count)
        scanner.skipWhitespace()
        try value(&scanner, depth: 0)
        scanner.skipWhitespace()
        guard scanner.position == bytes.count else { throw JSONError(.trailingCharacters, at: scanner.position) }
        // Counted once and only where it may be too many: a count at each value would cost every text.
        if count > maximumValues, count - nameCount > maximumValues { throw JSONError(.tooManyValues, at: bytes.count) }
        #if DEBUG
        return JSONValue(bytes: scanner.base, nodes: nodes, generation: generation)
        #else
        return JSONValue(bytes: scanner.base, nodes: nodes)
        #endif
    }

    /// Gives back what one huge text has taken; values of that text are no longer valid.
    package func shrink() {
        guard capacity > Self.keptCapacity else { return }
        #if DEBUG
        generation.number += 1
        #endif
        nodes.deallocate()
        count = 0
        capacity = 128
        nodes = .allocate(capacity: capacity)
    }

    /// Names of members on the tape.
    private var nameCount: Int {
        var names = 0
        for index in 0..<count where nodes[index].kind == .object {
            var name = index + 1
            while name < Int(nodes[index].next) {
                names += 1
                name = Int(nodes[name + 1].next)
            }
        }
        return names
    }

    @inline(__always)
    private func append(_ node: JSONNode) throws(JSONError) -> Int {
        if count == capacity { try grow(at: Int(node.start)) }
        (nodes + count).initialize(to: node)
        count &+= 1
        return count &- 1
    }

    @inline(never)
    private func grow(at position: Int) throws(JSONError) {
        guard capacity < maximumNodes else { throw JSONError(.tooManyValues, at: position) }
        if capacity >= Self.keptCapacity, let mayGrow, !mayGrow(2 * capacity * MemoryLayout<JSONNode>.stride) {
            isRefusedGrowth = true
            throw JSONError(.tooManyValues, at: position)
        }
        let larger = UnsafeMutablePointer<JSONNode>.allocate(capacity: capacity * 2)
        larger.moveInitialize(from: nodes, count: count)
        nodes.deallocate()
        nodes = larger
        capacity *= 2
    }

    @inline(__always)
    private func leaf(
        _ kind: JSONValue.Kind,
        _ start: Int,
        _ end: Int,
        flags: UInt8 = 0
    ) throws(JSONError) {
        _ = try append(
            JSONNode(
                start: UInt32(truncatingIfNeeded: start),
                end: UInt32(truncatingIfNeeded: end),
                next: UInt32(truncatingIfNeeded: count &+ 1),
                kind: kind,
                flags: flags
            )
        )
    }

    private func value(_ scanner: inout JSONScanner, depth: Int) throws(JSONError) {
        let start = scanner.position
        switch try scanner.peek() {
        case UInt8(ascii: "\""):
            let escaped = try scanner.string()
            try leaf(.string, start, scanner.position, flags: escaped ? JSONNode.escaped : 0)
        case UInt8(ascii: "{"):
            try object(&scanner, depth: depth)
        case UInt8(ascii: "["):
            try array(&scanner, depth: depth)
        case UInt8(ascii: "t"):
            try scanner.literal("true")
            try leaf(.true, start, scanner.position)
        case UInt8(ascii: "f"):
            try scanner.literal("false")
            try leaf(.false, start, scanner.position)
        case UInt8(ascii: "n"):
            try scanner.literal("null")
            try leaf(.null, start, scanner.position)
        default:
            try scanner.number()
            try leaf(.number, start, scanner.position)
        }
    }

    private func open(_ kind: JSONValue.Kind, _ scanner: JSONScanner, depth: Int) throws(JSONError) -> Int {
        guard depth < Self.maximumDepth else { throw JSONError(.tooDeep, at: scanner.position) }
        return try append(
            JSONNode(start: UInt32(truncatingIfNeeded: scanner.position), end: 0, next: 0, kind: kind, flags: 0)
        )
    }

    private func close(_ index: Int, _ scanner: JSONScanner) {
        nodes[index].end = UInt32(truncatingIfNeeded: scanner.position)
        nodes[index].next = UInt32(truncatingIfNeeded: count)
    }

    private func object(_ scanner: inout JSONScanner, depth: Int) throws(JSONError) {
        let index = try open(.object, scanner, depth: depth)
        scanner.advance()
        scanner.skipWhitespace()
        if try scanner.peek() == UInt8(ascii: "}") {
            scanner.advance()
            return close(index, scanner)
        }
        while true {
            let start = scanner.position
            guard try scanner.peek() == UInt8(ascii: "\"") else { throw JSONError(.unexpectedCharacter, at: start) }
            let escaped = try scanner.string()
            try leaf(.string, start, scanner.position, flags: escaped ? JSONNode.escaped : 0)
            scanner.skipWhitespace()
            guard try scanner.peek() == UInt8(ascii: ":") else {
                throw JSONError(.unexpectedCharacter, at: scanner.position)
            }
            scanner.advance()
            scanner.skipWhitespace()
            try value(&scanner, depth: depth &+ 1)
            scanner.skipWhitespace()
            switch try scanner.peek() {
            case UInt8(ascii: ","):
                scanner.advance()
                scanner.skipWhitespace()
            case UInt8(ascii: "}"):
                scanner.advance()
                return close(index, scanner)
            default:
                throw JSONError(.unexpectedCharacter, at: scanner.position)
            }
        }
    }

    private func array(_ scanner: inout JSONScanner, depth: Int) throws(JSONError) {
        let index = try open(.array, scanner, depth: depth)
        scanner.advance()
        scanner.skipWhitespace()
        if try scanner.peek() == UInt8(ascii: "]") {
            scanner.advance()
            return close(index, scanner)
        }
        while true {
            try value(&scanner, depth: depth &+ 1)
            scanner.skipWhitespace()
            switch try scanner.peek() {
            case UInt8(ascii: ","):
                scanner.advance()
                scanner.skipWhitespace()
            case UInt8(ascii: "]"):
                scanner.advance()
                return close(index, scanner)
            default:
                throw JSONError(.unexpectedCharacter, at: scanner.position)
            }
        }
    }
}
