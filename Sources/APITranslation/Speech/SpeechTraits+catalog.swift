import JSONBytes

extension SpeechTraits {
    /// Reads the member `speech` of a catalogue's entry.
    convenience init(_ object: JSONValue) throws(TraitsFault) {
        guard object.kind == .object else { throw TraitsFault(message: "must be an object") }
        var values = Values()
        for member in object.members {
            let name = member.name.string ?? ""
            let value = TraitsMember(name: name, value: member.value)
            switch name {
            case "voice": values.voice = try value.text()
            case "voices": values.voices = try value.texts()
            case "closed": values.isClosed = try value.flag()
            case "whole_text": values.takesWholeText = try value.flag()
            case "one_voice": values.hasOneVoice = try value.flag()
            case "names": values.names = try value.names()
            case "formats": values.formats = try value.words()
            case "text_limit": values.limit = try value.count()
            case "instructions": values.instructions = try value.text()
            case "instructions_limit": values.instructionsLimit = try value.count()
            case "speed": values.speed = try value.text()
            case "takes": values.options = try value.words()
            default: throw TraitsFault(message: "has an unknown member \(name)")
            }
        }
        guard !values.formats.isEmpty else { throw TraitsFault(message: "needs formats") }
        self.init(values)
    }
}
