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

    /// Takes the sentences that are complete, or all that is left.
    mutating func take(all: Bool) -> [String] {
        var sentences: [String] = []
        var sentence = ""
        for character in rest {
            sentence.append(character)
            guard Self.ends.contains(character) else { continue }
            sentences.append(sentence)
            sentence = ""
        }
        if all, !sentence.isEmpty {
            sentences.append(sentence)
            sentence = ""
        }
        rest = sentence
        spoken += sentences.joined()
        return sentences
    }
}
