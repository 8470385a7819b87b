/// The probable subjects of a question, for the arguments of a call.
struct QuestionWords {
    /// The quoted words; without any, words with a capital that do not begin a sentence, those that follow each other as one.
    var names: [String]
    var numbers: [Int] = []

    init(names: [String]) {
        self.names = names
    }

    init(_ text: String) {
        let quoted = Self.quoted(in: text).filter { $0.first?.isUppercase == true || $0.first?.isASCII == false }
        names = quoted.isEmpty ? Self.capitalized(in: text) : quoted
        numbers = text.split { !$0.isNumber && !$0.isLetter && $0 != "-" && $0 != "." && $0 != "_" }.compactMap {
            Int($0.last == "." ? $0.dropLast() : $0)
        }
    }

    /// The names of members that a prompt asks for: "JSON with 'setup' and 'punchline' keys".
    static func keys(in text: String) -> [String] {
        guard text.contains(" keys") else { return [] }
        return quoted(in: text).filter { word in
            word.first?.isLetter == true && word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        }
    }

    /// The texts between single quotes; an apostrophe inside a word is none.
    private static func quoted(in text: String) -> [String] {
        var quoted: [String] = []
        var open: String.Index?
        var before: Character = " "
        for index in text.indices {
            let character = text[index]
            if character.isNewline { open = nil }
            if character == "'" {
                if let start = open {
                    let after = text[text.index(after: index)...].first
                    if after?.isLetter != true {
                        if quoted.count < 8, start < index { quoted.append(String(text[start..<index])) }
                        open = nil
                    }
                } else if !before.isLetter, !before.isNumber {
                    open = text.index(after: index)
                }
            }
            before = character
        }
        return quoted
    }

    private static func capitalized(in text: String) -> [String] {
        var names: [String] = []
        var beginsSentence = true
        // The character that ended the word before, if that was a name.
        var separator: Character?
        for word in text.split(whereSeparator: \.isWhitespace) {
            let letters = String(word.filter { $0.isLetter || $0.isNumber })
            let isName =
                !beginsSentence && letters.first?.isUppercase == true && letters.count > 1 && !word.contains("_")
            if isName {
                // "San Francisco, CA" is one place, "Hangzhou, Shanghai" are two.
                let isRegion = separator == "," && letters.count < 4 && letters.allSatisfy(\.isUppercase)
                if let last = names.last, separator == " " || isRegion {
                    names[names.count - 1] = last + (isRegion ? ", " : " ") + letters
                } else {
                    names.append(letters)
                }
            }
            separator = isName ? (word.last?.isLetter == true ? " " : word.last) : nil
            beginsSentence = word.last.map { ".!?:".contains($0) } ?? false
        }
        return names
    }
}
