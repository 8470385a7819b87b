/// Finds the name that somebody meant who wrote another one.
enum NearestName {
    /// The name of `names` that is nearest, where it is near enough and no other is as near.
    static func find(_ written: String, in names: [String]) -> String? {
        let text = Array(written.lowercased().utf8)
        // A mistake in every fourth character is a word of its own.
        let limit = max(1, min(3, text.count / 4))
        var (best, bestDistance, isUnique) = ("", limit + 1, false)
        for name in names {
            let candidate = Array(name.lowercased().utf8)
            guard abs(candidate.count - text.count) <= limit else { continue }
            let distance = distance(text, candidate)
            if distance < bestDistance {
                (best, bestDistance, isUnique) = (name, distance, true)
            } else if distance == bestDistance {
                isUnique = false
            }
        }
        if bestDistance <= limit, isUnique { return best }
        // The right word without its section, or in a wrong one.
        let word = written.split(separator: ".").last.map { $0.lowercased() }
        let inOtherSections = names.filter { $0.split(separator: ".").last.map { $0.lowercased() } == word }
        return inOtherSections.count == 1 ? inOtherSections[0] : nil
    }

    /// Insertions, removals, replacements and swaps of neighbours that make one text of the other.
    private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...other.count)
        for (row, byte) in one.enumerated() {
            var current = [row + 1]
            for (column, otherByte) in other.enumerated() {
                var least = min(last[column + 1], current[column]) + 1
                least = min(least, last[column] + (byte == otherByte ? 0 : 1))
                if row > 0, column > 0, byte == other[column - 1], one[row - 1] == otherByte {
                    least = min(least, beforeLast[column - 1] + 1)
                }
                current.append(least)
            }
            beforeLast = last
            last = current
        }
        return last[other.count]
    }
}
