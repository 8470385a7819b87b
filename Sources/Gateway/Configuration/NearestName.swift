/// Finds the name that somebody meant who wrote another one.
enum NearestName {
    /// The name of `names` that is nearest, where it is near enough and no other is as near.
    ///
    /// Callers come here with every name that is unknown: what is too long or too short costs a comparison of lengths.
    static func find(_ written: String, in names: [String]) -> String? {
        // A mistake in every fourth character is a word of its own.
        let limit = max(1, min(3, written.utf8.count / 4))
        let likely = names.filter { abs($0.utf8.count - written.utf8.count) <= limit }
        guard !likely.isEmpty else { return nil }
        let text = lowercased(written)
        var (best, bestDistance, isUnique) = ("", limit + 1, false)
        for name in likely {
            let distance = distance(text, lowercased(name))
            if distance < bestDistance {
                (best, bestDistance, isUnique) = (name, distance, true)
            } else if distance == bestDistance {
                isUnique = false
            }
        }
        return bestDistance <= limit && isUnique ? best : nil
    }

    /// The same for keys with sections: also the right word without its section, or in a wrong one.
    static func findKey(_ written: String, in keys: [String]) -> String? {
        if let near = find(written, in: keys) { return near }
        let word = lastWord(written)
        let inOtherSections = keys.filter { lastWord($0) == word }
        return inOtherSections.count == 1 ? inOtherSections[0] : nil
    }

    private static func lastWord(_ key: String) -> String? {
        key.split(separator: ".").last.map { $0.lowercased() }
    }

    private static func lowercased(_ text: String) -> [UInt8] {
        text.utf8.map { UInt8(ascii: "A") <= $0 && $0 <= UInt8(ascii: "Z") ? $0 | 0x20 : $0 }
    }

    /// Insertions, removals, replacements and swaps of neighbours that make one text of the other.
    private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
        var beforeLast = [Int](repeating: 0, count: other.count + 1)
        var last = Array(0...other.count)
        var current = beforeLast
        for (row, byte) in one.enumerated() {
            current[0] = row + 1
            for (column, otherByte) in other.enumerated() {
                var least = min(last[column + 1], current[column]) + 1
                least = min(least, last[column] + (byte == otherByte ? 0 : 1))
                if row > 0, column > 0, byte == other[column - 1], one[row - 1] == otherByte {
                    least = min(least, beforeLast[column - 1] + 1)
                }
                current[column + 1] = least
            }
            (beforeLast, last, current) = (last, current, beforeLast)
        }
        return last[other.count]
    }
}
