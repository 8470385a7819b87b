import JSONBytes

extension SpeechReader {
    /// OpenAI's voices, which stand for voices of each model.
    private static let known: Set<String> = [
        "alloy", "ash", "ballad", "cedar", "coral", "echo", "fable", "marin", "nova", "onyx", "sage", "shimmer",
        "verse",
    ]

    /// The voice for the model; nil where it needs none.
    mutating func readVoice() throws(APIError) -> String? {
        guard let value = fields["voice"] else { return try defaultVoice() }
        let (name, param) = try voiceName(value)
        guard !traits.hasOneVoice else {
            adjustments.add("voice", from: Self.short(name), to: "none", reason: "the model has one voice")
            return nil
        }
        if traits.voices.contains(name) { return name }
        if Self.known.contains(name), let voice = traits.names[name] ?? traits.voice {
            adjustments.add("voice", from: name, to: voice, reason: "the voice of the model for this name")
            return voice
        }
        if let voice = traits.voices.first(where: { $0.lowercased() == name.lowercased() }) {
            adjustments.add("voice", from: Self.short(name), to: voice, reason: "upper and lower case count")
            return voice
        }
        if traits.isClosed {
            throw .invalidValue(
                param,
                "`\(model.requestedName)` has the voices \(traits.voices.joined(separator: ", ")); OpenAI's names stand for "
                    + "some of them."
            )
        }
        if Self.known.contains(name), model.traits.speech != nil { throw ownVoices(param) }
        return name
    }

    private mutating func voiceName(_ value: JSONValue) throws(APIError) -> (name: String, param: String) {
        var (value, param) = (value, "voice")
        if value.kind == .object {
            guard let id = value.present("id") else { throw .missing("voice.id") }
            adjustments.leaveOut(othersOf: value, besides: "id", at: "voice", reason: "a voice is named by its id")
            (value, param) = (id, "voice.id")
        }
        guard let name = value.string else { throw .wrongType(param, expected: "string", got: value) }
        guard !name.isEmpty else { throw .invalidValue(param, "it is empty.") }
        guard name.utf8.count <= 256 else { throw Self.tooLong(param, name.count, 256) }
        return (name, param)
    }

    private func defaultVoice() throws(APIError) -> String? {
        if let voice = traits.voice { return voice }
        // Upstream knows better than we whether an unknown model needs one.
        guard !traits.hasOneVoice, model.traits.speech != nil else { return nil }
        var error = APIError.missing("voice")
        error.message += " `\(model.requestedName)` has none that is used by itself."
        throw error
    }

    private func ownVoices(_ param: String) -> APIError {
        .invalidValue(
            param,
            "`\(model.requestedName)` has no voice for this name of OpenAI's; name one of its own, or one that you have made."
        )
    }

    /// A name for a report, which holds nothing but short words.
    private static func short(_ name: String) -> String {
        name.utf8.count <= 64 ? name : "string"
    }
}
