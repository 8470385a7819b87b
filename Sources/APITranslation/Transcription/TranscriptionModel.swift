/// A model that writes down speech, and how it is asked.
struct TranscriptionModel {
    let resolved: ResolvedModel
    let traits: TranscriptionTraits.Values

    /// Takes a model; one that is not known is asked as its name suggests.
    ///
    /// - Throws: A 400 for a model that does something else, or that takes no files.
    init(_ model: ResolvedModel, _ purpose: TranscriptionTranslator.Purpose) throws(APIError) {
        resolved = model
        let known = model.traits.transcription?.values
        if model.traits.kind == .realtime || known?.source == .session {
            throw .invalidRequest(
                "`\(model.requestedName)` hears speech piece by piece and takes no files: use qwen3-asr-flash for short "
                    + "files, or paraformer-v2, fun-asr or qwen3-asr-flash-filetrans.",
                param: "model",
                code: "model_not_supported"
            )
        }
        guard known != nil || !model.isKnown else {
            throw RequestedModel.unsupported(model.requestedName, "a model for transcription", purpose.endpoint)
        }
        traits = known ?? TranscriptionTraits.Values(guessing: ModelName(model.upstreamName))
    }

    func takes(_ option: TranscriptionTraits.Option) -> Bool { traits.options.contains(option) }

    /// The model of its family that gives times and takes long files; nil where there is none.
    func sibling(in catalog: ModelCatalog, _ purpose: TranscriptionTranslator.Purpose) -> TranscriptionModel? {
        guard let name = traits.sibling else { return nil }
        var model = catalog.resolve(name)
        model.requestedName = resolved.requestedName
        return try? TranscriptionModel(model, purpose)
    }
}
