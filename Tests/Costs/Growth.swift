/// Ways to make one place of a document large.
enum Growth: String, CaseIterable {
    case text, separators, escapes, numbers, strings, objects, members
    case sameMembers = "same members"
    case moreMembers = "more members"
    case knownMembers = "its members again"
    case elements = "more elements"
    case sameElements = "same elements"

    /// What stands at the place instead, with `count` of something in it; nil where it cannot.
    func apply(to value: Tree, _ count: Int) -> Tree? {
        switch (self, value) {
        // A text in place of a list, and such: refused alike everywhere.
        case (.text, .array), (.text, .object), (.separators, .array), (.separators, .object), (.escapes, .array),
            (.escapes, .object), (.numbers, .leaf), (.sameMembers, .leaf):
            return nil
        default: break
        }
        switch self {
        case .text: return .string(String(repeating: "x", count: count * 8))
        case .separators: return .string(String(repeating: "a-_:.", count: count))
        case .escapes: return .string(String(repeating: "\\n\\u00e9", count: count))
        case .numbers: return .array((0..<count).map { .leaf("\($0)") })
        case .strings: return .array((0..<count).map { .string("s\($0)") })
        case .objects:
            return .array(
                (0..<count).map { .object([Tree.Member("type", .string("t\($0)")), Tree.Member("n", .leaf("1"))]) }
            )
        case .members: return .object((0..<count).map { Tree.Member("m\($0)", .leaf("\($0)")) })
        case .sameMembers: return .object((0..<count).map { _ in Tree.Member("", .leaf("1")) })
        case .moreMembers:
            guard case .object(let members) = value else { return nil }
            return .object(members + (0..<count).map { Tree.Member("m\($0)", .leaf("\($0)")) })
        case .knownMembers:
            guard case .object(let members) = value, !members.isEmpty else { return nil }
            return .object((0..<count).map { members[$0 % members.count] } + members)
        case .elements:
            guard case .array(let elements) = value, !elements.isEmpty else { return nil }
            return .array(elements + (0..<count).map { elements[$0 % elements.count].numbered($0) })
        case .sameElements:
            guard case .array(let elements) = value, !elements.isEmpty else { return nil }
            return .array(elements + (0..<count).map { elements[$0 % elements.count] })
        }
    }

    /// Every place of a document made large in every way.
    static func all(of document: Tree) -> [(name: String, make: (Int) -> String)] {
        var ways: [(name: String, make: (Int) -> String)] = []
        for place in document.places() {
            let value = document[place.path[...]]
            for growth in Growth.allCases where growth.apply(to: value, 1) != nil {
                let name = "\(place.name.isEmpty ? "all" : place.name), \(growth.rawValue)"
                ways.append(
                    (
                        name,
                        { count in
                            document.replacing(place.path[...], with: growth.apply(to: value, count) ?? value).text
                        }
                    )
                )
            }
        }
        return ways
    }
}
