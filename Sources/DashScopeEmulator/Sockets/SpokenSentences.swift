/// A text that comes in pieces, of which whole sentences are spoken as soon as they are there.
struct SpokenSentences: Sendable {
    private static let ends: Set<Character> = [".", "!", "?", "。", "！", "？", "；", ";", "\n"]

    /// What has been spoken.
    private(set) var spoken = ""
    /// What has come and was not spoken.
    private var rest = ""

    /// What has come so far.
    var text: String { spoken + rest }

    mutating func append(_ piece: String) { rest += piece }
    mutating func clear() { rest = "" }

    /// Takes the next sentence that is complete, or what is left.
    mutating func next(all: Bool) -> String? {
        let end = rest.firstIndex(where: Self.ends.contains).map(rest.index(after:))
        guard let end = end ?? (all && !rest.isEmpty ? rest.endIndex : nil) else { return nil }
        let sentence = String(rest[..<end])
        rest.removeSubrange(..<end)
        spoken += sentence
        return sentence
    }

    /// Takes the sentences that are complete, or all that is left.
    mutating func take(all: Bool) -> [String] {
        var sentences: [String] = []
        while let sentence = next(all: all) { sentences.append(sentence) }
        return sentences
    }
}
