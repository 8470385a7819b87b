import JSONBytes

/// Why the traits of a catalogue's entry cannot be read.
struct TraitsFault: Error {
    var message: String
}

/// A member of the traits of a catalogue's entry, and what it may hold.
struct TraitsMember {
    var name: String
    var value: JSONValue

    func fault(_ message: String) -> TraitsFault { TraitsFault(message: "\(name) \(message)") }

    func count() throws(TraitsFault) -> Int {
        guard let count = value.integer, count > 0 else { throw fault("must be a whole number above 0") }
        return count
    }

    func text() throws(TraitsFault) -> String {
        guard let text = value.string, !text.isEmpty else { throw fault("must be a string that is not empty") }
        return text
    }

    func flag() throws(TraitsFault) -> Bool {
        guard let flag = value.bool else { throw fault("must be true or false") }
        return flag
    }

    func texts() throws(TraitsFault) -> [String] {
        let texts = value.elements.compactMap { $0.string }
        guard value.kind == .array, texts.count == value.elements.reduce(0, { count, _ in count + 1 }) else {
            throw fault("must be an array of strings")
        }
        return texts
    }

    func range() throws(TraitsFault) -> ClosedRange<Int> {
        let ends = value.elements.compactMap { $0.integer }
        guard value.kind == .array, ends.count == 2, ends[0] >= 0, ends[0] <= ends[1] else {
            throw fault("must be an array of the smallest and the largest whole number")
        }
        return ends[0]...ends[1]
    }

    func words<Word: CaseIterable & RawRepresentable<String>>() throws(TraitsFault) -> [Word] {
        var words: [Word] = []
        for text in try texts() {
            guard let word = Word(rawValue: text) else {
                throw fault("must hold only \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            words.append(word)
        }
        return words
    }

    /// An object whose values are strings.
    func names() throws(TraitsFault) -> [String: String] {
        guard value.kind == .object else { throw fault("must be an object of strings") }
        var names: [String: String] = [:]
        for member in value.members {
            guard let name = member.name.string, let text = member.value.string, !text.isEmpty else {
                throw fault("must be an object of strings")
            }
            names[name] = text
        }
        return names
    }
}
