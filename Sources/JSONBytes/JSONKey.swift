/// A string of a parsed text as a key of sets and dictionaries: equal texts are equal, however they are escaped.
///
/// Valid as long as the value is (see ``JSONTape``). Hashing is seeded by the process, so that strangers cannot choose
/// names that collide.
package struct JSONKey: Hashable {
    private let value: JSONValue

    package init(_ value: JSONValue) {
        self.value = value
    }

    package static func == (left: JSONKey, right: JSONKey) -> Bool {
        guard left.value.hasEscapes || right.value.hasEscapes else {
            let (first, second) = (left.value.text, right.value.text)
            guard first.count == second.count else { return false }
            for index in 0..<first.count where first[index] != second[index] { return false }
            return true
        }
        return left.value.string == right.value.string
    }

    package func hash(into hasher: inout Hasher) {
        if value.hasEscapes, var text = value.string {
            text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        } else if let content = value.escapedContent {
            hasher.combine(bytes: content)
        }
    }
}
