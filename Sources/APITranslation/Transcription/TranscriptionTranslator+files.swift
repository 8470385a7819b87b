extension TranscriptionTranslator: FormTranslating {
    /// Models that are asked with a message read short files inline; all others, and every answer with times, need a link.
    package func placement(of field: String, texts: [String: String]) throws(APIError) -> FilePlacement {
        guard field == "file" else {
            throw .invalidRequest(
                "Invalid value for '\(field)': it takes no file.",
                param: field,
                code: "invalid_value"
            )
        }
        guard let name = texts["model"], !name.isEmpty else { throw .missing("model") }
        let model = try TranscriptionModel(catalog.resolve(name), purpose)
        func storage(_ model: TranscriptionModel) -> FilePlacement.Storage {
            FilePlacement.Storage(model: model.resolved.upstreamName, maximumBytes: FilePlacement.longestStored)
        }
        let sibling = model.sibling(in: catalog, purpose)
        let format = TranscriptFormat(rawValue: texts["response_format"] ?? "") ?? .json
        let place: FilePlacement.Place
        if model.traits.isTask {
            place = .storage(storage(model))
        } else if format.hasTimes, purpose == .transcription, let sibling {
            place = .storage(storage(sibling))
        } else {
            place = .inline(maximumBytes: FilePlacement.longestInline, otherwise: sibling.map(storage))
        }
        return FilePlacement(field: field, kind: .audio, place: place)
    }

    package func mayBeJSON(_ field: String) -> Bool { TranscriptionFields.all.hasContainer(field) }
}
