import ByteWriting
package import JSONBytes
package import NIOCore

/// Translates requests for speech into native calls, one for each part of the text.
package final class SpeechTranslator: Sendable {
    private let catalog: ModelCatalog
    private let options: TranslationOptions

    package init(catalog: ModelCatalog, options: TranslationOptions = TranslationOptions()) {
        self.catalog = catalog
        self.options = options
    }

    /// The kind of work, for traces.
    package var operationName: String { "text_to_speech" }

    /// Translates one request body.
    ///
    /// - Throws: A 400 that names the parameter. With `strict` a request that would need a repair is refused, too.
    package func translate(_ body: ByteBuffer, tape: JSONTape, strict: Bool) throws(APIError) -> SpeechRequest {
        try RequestBody.split(body, tape: tape, options: options, strict: strict, SpeechFields.all) {
            (fields, adjustments) throws(APIError) -> SpeechRequest in
            let model = try RequestedModel.resolve(
                fields["model"],
                in: catalog,
                endpoint: "v1/audio/speech",
                as: "a model that speaks"
            ) { $0.speech != nil }
            var reader = SpeechReader(fields: fields, model: model, options: options)
            reader.adjustments.add(adjustments)
            return try reader.read()
        }
    }
}
