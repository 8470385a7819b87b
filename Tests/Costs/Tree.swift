import JSONBytes
import NIOCore

/// A JSON text that places can be replaced in.
indirect enum Tree {
    case object([Member])
    case array([Tree])
    /// Any other value as it is written.
    case leaf(String)

    struct Member {
        var name: String
        var value: Tree

        init(_ name: String, _ value: Tree) {
            self.name = name
            self.value = value
        }
    }

    init(_ value: JSONValue) {
        switch value.kind {
        case .object: self = .object(value.members.map { Member($0.name.string ?? "", Tree($0.value)) })
        case .array: self = .array(value.elements.map { Tree($0) })
        default: self = .leaf(String(decoding: value.text, as: UTF8.self))
        }
    }

    /// Nil where the text is no JSON.
    static func parse(_ text: String) -> Tree? {
        let tape = JSONTape()
        return withExtendedLifetime(tape) {
            ByteBuffer(string: text).withUnsafeReadableBytes { bytes in
                (try? tape.parse(bytes)).map { Tree($0) }
            }
        }
    }

    static func string(_ text: String) -> Tree { .leaf("\"\(text)\"") }

    func write(into text: inout String) {
        switch self {
        case .leaf(let own):
            text += own
        case .array(let elements):
            text += "["
            for (index, element) in elements.enumerated() {
                if index > 0 { text += "," }
                element.write(into: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { text += "," }
                text += "\"\(member.name)\":"
                member.value.write(into: &text)
            }
            text += "}"
        }
    }

    var text: String {
        var text = ""
        write(into: &text)
        return text
    }
}

extension Tree {
    /// Where a value stands: the positions from the root down, and the names that people know it by.
    struct Place {
        var path: [Int] = []
        var name = ""

        func below(_ index: Int, _ word: String) -> Place {
            Place(path: path + [index], name: name.isEmpty ? word : "\(name).\(word)")
        }
    }

    /// Every place of the tree, the root first.
    func places(_ here: Place = Place()) -> [Place] {
        switch self {
        case .leaf: [here]
        case .array(let elements):
            [here] + elements.enumerated().flatMap { $0.element.places(here.below($0.offset, "\($0.offset)")) }
        case .object(let members):
            [here]
                + members.enumerated().flatMap { $0.element.value.places(here.below($0.offset, $0.element.name)) }
        }
    }

    subscript(_ path: ArraySlice<Int>) -> Tree {
        guard let first = path.first else { return self }
        switch self {
        case .leaf: return self
        case .array(let elements): return elements[first][path.dropFirst()]
        case .object(let members): return members[first].value[path.dropFirst()]
        }
    }

    func replacing(_ path: ArraySlice<Int>, with other: Tree) -> Tree {
        guard let first = path.first else { return other }
        switch self {
        case .leaf: return self
        case .array(var elements):
            elements[first] = elements[first].replacing(path.dropFirst(), with: other)
            return .array(elements)
        case .object(var members):
            members[first].value = members[first].value.replacing(path.dropFirst(), with: other)
            return .object(members)
        }
    }

    /// The same with names and ids of its own, and a position where one is told.
    func numbered(_ number: Int) -> Tree {
        switch self {
        case .leaf: return self
        case .array(let elements): return .array(elements.map { $0.numbered(number) })
        case .object(let members):
            return .object(
                members.map { member in
                    guard case .leaf(let text) = member.value else {
                        return Member(member.name, member.value.numbered(number))
                    }
                    switch member.name {
                    case "id", "name", "tool_call_id", "url", "content", "text", "title":
                        guard text.hasSuffix("\"") else { return member }
                        return Member(member.name, .leaf("\(text.dropLast())\(number)\""))
                    case "index": return Member(member.name, .leaf("\(number)"))
                    default: return member
                    }
                }
            )
        }
    }
}
