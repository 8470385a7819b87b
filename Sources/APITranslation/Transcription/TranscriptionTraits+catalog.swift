import JSONBytes

extension TranscriptionTraits {
    /// Reads the member `transcription` of a catalogue's entry.
    convenience init(_ object: JSONValue) throws(TraitsFault) {
        guard object.kind == .object else { throw TraitsFault(message: "must be an object") }
        guard let source = object["source"]?.string.flatMap({ Source(rawValue: $0) }) else {
            throw TraitsFault(message: "source must be message, typed_message, link, links or session")
        }
        var values = Values(source)
        for member in object.members where !member.name.equals("source") {
            let name = member.name.string ?? ""
            let value = TraitsMember(name: name, value: member.value)
            switch name {
            case "language":
                guard let language = member.value.string.flatMap({ Language(rawValue: $0) }) else {
                    throw TraitsFault(message: "language must be options, parameter, hints or none")
                }
                values.language = language
            case "prompt": values.takesPrompt = try value.flag()
            case "marks": values.writesMarks = try value.flag()
            case "sibling": values.sibling = try value.text()
            case "takes": values.options = try value.words()
            default: throw TraitsFault(message: "has an unknown member \(name)")
            }
        }
        self.init(values)
    }
}
