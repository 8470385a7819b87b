import Foundation
import JSONBytes

/// A JSON value as a tree, made from either parser, for comparison.
enum JSONTree: Equatable {
    case null
    case bool(Bool)
    case number(Double)
    /// Compared by its bytes: `String` counts differently composed characters as equal.
    case string([UInt8])
    case array([JSONTree])
    case object([String: JSONTree])

    static func == (left: JSONTree, right: JSONTree) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        // Foundation reads numbers through a decimal type and misses the nearest double by a last digit at times.
        case (.number(let left), .number(let right)): left == right || abs(left - right) <= abs(left) * 1e-14
        case (.string(let left), .string(let right)): left == right
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }

    init(_ value: JSONValue) {
        switch value.kind {
        case .null: self = .null
        case .true: self = .bool(true)
        case .false: self = .bool(false)
        case .number: self = .number(value.double ?? .nan)
        case .string: self = .string(Array((value.string ?? "").utf8))
        case .array: self = .array(value.elements.map { JSONTree($0) })
        case .object:
            var members: [String: JSONTree] = [:]
            for member in value.members { members[member.name.string ?? ""] = JSONTree(member.value) }
            self = .object(members)
        }
    }

    /// Whether a number in it is beyond what a double holds.
    var holdsInfinity: Bool {
        switch self {
        case .number(let number): number.isInfinite
        case .array(let elements): elements.contains { $0.holdsInfinity }
        case .object(let members): members.values.contains { $0.holdsInfinity }
        case .null, .bool, .string: false
        }
    }

    init(foundation value: Any) {
        switch value {
        case is NSNull: self = .null
        case let text as String: self = .string(Array(text.utf8))
        case let elements as [Any]: self = .array(elements.map { JSONTree(foundation: $0) })
        case let members as [String: Any]: self = .object(members.mapValues { JSONTree(foundation: $0) })
        case let number as NSNumber:
            self = String(cString: number.objCType) == "c" ? .bool(number.boolValue) : .number(number.doubleValue)
        default: self = .null
        }
    }

    /// What Foundation reads; nil where it refuses.
    static func foundation(_ bytes: [UInt8]) -> JSONTree? {
        (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)).map {
            JSONTree(foundation: $0)
        }
    }

    /// What our parser reads.
    static func ours(_ bytes: [UInt8]) throws(JSONError) -> JSONTree {
        try parsing(bytes) { JSONTree($0) }
    }
}

/// Parses bytes and hands the value to `body` while they stay where they are.
func parsing<Result>(
    _ bytes: [UInt8],
    with tape: JSONTape = JSONTape(),
    _ body: (JSONValue) -> Result
) throws(JSONError) -> Result {
    var failure: JSONError?
    let result: Result? = bytes.withUnsafeBytes { bytes in
        do throws(JSONError) {
            return body(try tape.parse(bytes))
        } catch {
            failure = error
            return nil
        }
    }
    if let failure { throw failure }
    guard let result else { throw JSONError(.unexpectedEnd, at: 0) }
    return result
}

/// The error of a text that must be refused; nil where it is accepted.
func fault(_ bytes: [UInt8]) -> JSONError? {
    do {
        return try parsing(bytes) { _ in nil }
    } catch {
        return error
    }
}

func fault(_ text: String) -> JSONError? {
    fault(Array(text.utf8))
}
