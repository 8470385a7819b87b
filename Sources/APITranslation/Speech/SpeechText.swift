/// Divides a text among calls that each take a part of it.
enum SpeechText {
    /// How much of a limit a character uses up: at least as much as DashScope counts, whichever way a model does.
    ///
    /// Characters, halves of UTF-16, Chinese characters as two, tokens: none of these counts is more than this one.
    static func weight(_ character: Character) -> Int {
        character.unicodeScalars.reduce(0) { sum, scalar in
            sum + (scalar.value < 0x80 ? 1 : scalar.value < 0x1_0000 ? 2 : 4)
        }
    }

    /// Whether the whole text fits into one call.
    static func fits(_ text: String, _ limit: Int) -> Bool {
        // Nothing weighs more than two a byte.
        if text.utf8.count <= limit / 2 { return true }
        var sum = 0
        for character in text {
            sum += weight(character)
            if sum > limit { return false }
        }
        return true
    }

    /// The parts of a text, each within the limit.
    ///
    /// They end behind a sentence where there is one, otherwise behind a clause, a word, or any character. Blanks between
    /// two parts are dropped, or one stands in front of the second beyond the limit; a character is never divided.
    static func parts(of text: String, limit: Int, keepsBlanks: Bool = false) -> [String] {
        let characters = Array(text)
        var parts: [String] = []
        var start = 0
        while start < characters.count {
            while start < characters.count, characters[start].isWhitespace { start += 1 }
            let isBehindBlank = start > 0 && characters[start - 1].isWhitespace
            var end = endOfPart(characters, from: start, limit: limit)
            let next = end
            while end > start, characters[end - 1].isWhitespace { end -= 1 }
            if end > start {
                let blank = keepsBlanks && isBehindBlank && !parts.isEmpty ? " " : ""
                parts.append(blank + String(characters[start..<end]))
            }
            start = next
        }
        return parts
    }

    private static func endOfPart(_ characters: [Character], from start: Int, limit: Int) -> Int {
        var (sum, place) = (0, start)
        var (sentence, clause, word): (Int?, Int?, Int?)
        while place < characters.count {
            sum += weight(characters[place])
            // One that is larger than the limit is upstream's to judge.
            guard sum <= limit || place == start else { return sentence ?? clause ?? word ?? place }
            place += 1
            switch pause(characters, before: place) {
            case .sentence: sentence = place
            case .clause: clause = place
            case .word: word = place
            case .none: break
            }
        }
        return characters.count
    }

    private enum Pause {
        case none, word, clause, sentence
    }

    private static let wideEnds: Set<Character> = ["。", "！", "？", "；", "…", "\n", "\r\n", "।", "؟", "｡"]
    private static let narrowEnds: Set<Character> = [".", "!", "?", ";"]
    private static let wideClauses: Set<Character> = ["，", "、", "："]
    private static let narrowClauses: Set<Character> = [",", ":"]
    private static let closers: Set<Character> = ["\"", "'", ")", "]", "}", "”", "’", "」", "』", "）", "》", "】"]

    /// The pause that a speaker makes between two characters.
    private static func pause(_ characters: [Character], before place: Int) -> Pause {
        let isAtBlank = place == characters.count || characters[place].isWhitespace
        // A closing quote belongs to its sentence, as further marks do.
        if !isAtBlank, closers.contains(characters[place]) || isMark(characters[place]) { return .none }
        var last = place - 1
        while last > 0, closers.contains(characters[last]) { last -= 1 }
        let mark = characters[last]
        if wideEnds.contains(mark) || isAtBlank && narrowEnds.contains(mark) { return .sentence }
        if wideClauses.contains(mark) || isAtBlank && narrowClauses.contains(mark) { return .clause }
        return characters[place - 1].isWhitespace || isAtBlank ? .word : .none
    }

    private static func isMark(_ character: Character) -> Bool {
        wideEnds.contains(character) && !character.isNewline || narrowEnds.contains(character)
    }
}
