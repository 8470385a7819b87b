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
            try Self.refuseOtherForms(fields["model"], catalog)
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

    /// MiniMax's models are asked and answer in a form of their own, of which voices, formats and streams are not documented.
    private static func refuseOtherForms(_ value: JSONValue?, _ catalog: ModelCatalog) throws(APIError) {
        let (model, name) = try RequestedModel.find(value, in: catalog)
        guard model.upstreamName.lowercased().hasPrefix("minimax/speech-"), model.traits.speech == nil else { return }
        throw .invalidRequest(
            "`\(name)` takes requests for speech in a form of its own, which the gateway does not know well enough to serve "
                + "it. Use another model that speaks, such as qwen3-tts-flash or cosyvoice-v3-flash.",
            param: "model",
            code: "model_not_supported"
        )
    }
}
