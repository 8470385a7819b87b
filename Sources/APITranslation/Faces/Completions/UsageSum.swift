import ByteWriting
import JSONBytes
import NIOCore

/// Usage objects of several calls, added up: counts are summed, of other members the last value stands.
struct UsageSum {
    private enum Value {
        case count(Int)
        case object([Member])
        case other(ByteBuffer)
    }

    private struct Member {
        /// With its quotes.
        var name: [UInt8]
        var value: Value
    }

    /// Members of an object that are kept; the names are upstream's.
    private static let limit = 64
    private static let depth = 3
    private var members: [Member] = []

    var isEmpty: Bool { members.isEmpty }

    /// Adds the usage of one call, JSON text; nothing where it is empty.
    mutating func add(_ usage: ByteBuffer, tape: JSONTape) {
        usage.withUnsafeReadableBytes { bytes in
            guard !bytes.isEmpty, let object = try? tape.parse(bytes) else { return }
            Self.add(object, to: &members, depth: 0)
        }
    }

    private static func add(_ object: JSONValue, to members: inout [Member], depth: Int) {
        for member in object.members {
            let value = member.value
            let place = members.firstIndex { $0.name.elementsEqual(member.name.text) }
            guard let index = place ?? (members.count < limit ? members.count : nil) else { continue }
            if place == nil { members.append(Member(name: Array(member.name.text), value: .other(ByteBuffer()))) }
            if let count = NativeUsage.number(value) {
                if case .count(let sum) = members[index].value {
                    members[index].value = .count(sum + count)
                } else {
                    members[index].value = .count(count)
                }
            } else if value.kind == .object, depth < Self.depth {
                var inner: [Member] = []
                if case .object(let known) = members[index].value { inner = known }
                add(value, to: &inner, depth: depth + 1)
                members[index].value = .object(inner)
            } else {
                members[index].value = .other(ByteBuffer(bytes: value.text))
            }
        }
    }

    func write(into output: inout ByteBuffer) { Self.write(members, into: &output) }

    private static func write(_ members: [Member], into output: inout ByteBuffer) {
        output.append("{")
        for (position, member) in members.enumerated() {
            if position > 0 { output.append(",") }
            output.append(bytes: member.name)
            output.append(":")
            switch member.value {
            case .count(let count): output.writeJSON(count)
            case .object(let inner): write(inner, into: &output)
            case .other(let text): output.writeImmutableBuffer(text)
            }
        }
        output.append("}")
    }
}
