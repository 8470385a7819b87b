import JSONBytes

extension TranscriptionTraits {
    /// Why the member `transcription` of a catalogue's entry cannot be read.
    struct Fault: Error {
        var message: String
    }

    /// Reads the member `transcription` of a catalogue's entry.
    convenience init(_ object: JSONValue) throws(Fault) {
        guard object.kind == .object else { throw Fault(message: "must be an object") }
        guard let source = object["source"]?.string.flatMap({ Source(rawValue: $0) }) else {
            throw Fault(message: "source must be message, typed_message, link, links or session")
        }
        var values = Values(source)
        for member in object.members where !member.name.equals("source") {
            let name = member.name.string ?? ""
            switch name {
            case "language":
                guard let language = member.value.string.flatMap({ Language(rawValue: $0) }) else {
                    throw Fault(message: "language must be options, parameter, hints or none")
                }
                values.language = language
            case "prompt": values.takesPrompt = try Self.flag(member)
            case "marks": values.writesMarks = try Self.flag(member)
            case "sibling":
                guard let sibling = member.value.string, !sibling.isEmpty else {
                    throw Fault(message: "sibling must be the name of a model")
                }
                values.sibling = sibling
            case "takes":
                var options: [Option] = []
                for element in member.value.elements {
                    guard let option = element.string.flatMap({ Option(rawValue: $0) }) else {
                        throw Fault(
                            message: "takes must hold only \(Option.allCases.map(\.rawValue).joined(separator: ", "))"
                        )
                    }
                    options.append(option)
                }
                guard member.value.kind == .array else { throw Fault(message: "takes must be an array") }
                values.options = options
            default: throw Fault(message: "has an unknown member \(name)")
            }
        }
        self.init(values)
    }

    private static func flag(_ member: JSONValue.Member) throws(Fault) -> Bool {
        guard let flag = member.value.bool else {
            throw Fault(message: "\(member.name.string ?? "") must be true or false")
        }
        return flag
    }
}
