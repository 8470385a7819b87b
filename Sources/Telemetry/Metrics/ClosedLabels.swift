/// The only values a label can have; every other one is `other`.
///
/// This is what keeps callers from making series: a word of theirs finds no index of its own.
package struct ClosedLabels: Sendable {
    /// The values in order; the last one is `other`.
    package let values: [String]
    private let indexes: [String: Int]

    package init(_ values: some Sequence<String>) {
        var all: [String] = []
        var indexes: [String: Int] = [:]
        for value in values where value != "other" && indexes[value] == nil {
            indexes[value] = all.count
            all.append(value)
        }
        all.append("other")
        self.values = all
        self.indexes = indexes
    }

    package var count: Int { values.count }

    /// The index of `other`.
    package var other: Int { values.count - 1 }

    /// The index of a value; that of `other` if it is none of them.
    package func index(of value: String) -> Int { indexes[value] ?? other }

    /// The index of a field by its path, such as `messages[0].role`: of the whole path without its numbers, else of
    /// the field it begins with.
    package func index(ofPath path: String) -> Int {
        if let index = indexes[path] { return index }
        guard path.utf8.contains(where: { $0 == 0x5B || $0 == 0x2E }) else { return other }
        var plain = ""
        var isInside = false
        for character in path.prefix(128) {
            if character == "[" { isInside = true }
            if !isInside { plain.append(character) }
            if character == "]" { isInside = false }
        }
        return indexes[plain] ?? indexes[String(plain.prefix { $0 != "." })] ?? other
    }

    /// An index that certainly is one.
    @inline(__always)
    func clamp(_ index: Int) -> Int { index >= 0 && index < values.count ? index : other }
}
