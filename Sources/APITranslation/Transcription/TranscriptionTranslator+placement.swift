extension TranscriptionTranslator: FormTranslating {
    /// Bytes whose base64 is no longer than the 10 MB that a message takes.
    private static let inlineLimit = 7_340_032
    /// 2 GB; source: DashScope API reference, "file transcription".
    private static let storageLimit = 2 << 30

    package func placement(of field: String, in form: FormDocument) -> FilePlacement? {
        guard field == "file", let name = form.text(of: "model") else { return nil }
        let stored = FilePlacement(inlineLimit: 0, storageLimit: Self.storageLimit)
        // A model that cannot be used is refused with the words for it, when the form is complete.
        guard let model = try? TranscriptionModel(catalog.resolve(name), purpose), !model.traits.isTask else {
            return stored
        }
        guard let sibling = model.sibling(in: catalog, purpose) else {
            return FilePlacement(inlineLimit: Self.inlineLimit, storageLimit: 0)
        }
        let format = form.text(of: "response_format").flatMap(TranscriptFormat.init)
        let needsTimes = purpose == .transcription && format?.hasTimes == true
        return FilePlacement(
            inlineLimit: needsTimes ? 0 : Self.inlineLimit,
            storageLimit: Self.storageLimit,
            model: sibling.resolved.upstreamName
        )
    }
}
