package import JSONBytes
package import NIOCore

/// Translates requests for embeddings into native calls, as many as the model's limits ask for.
package final class EmbeddingsTranslator: SplitTranslating {
    private let catalog: ModelCatalog
    private let options: TranslationOptions

    package init(catalog: ModelCatalog, options: TranslationOptions = TranslationOptions()) {
        self.catalog = catalog
        self.options = options
    }

    package var operationName: String { "embeddings" }

    package func translate(
        _ body: ByteBuffer,
        tape: JSONTape,
        strict: Bool,
        created: Int,
        operation: DashScopeOperation?
    ) throws(APIError) -> SplitRequest {
        try RequestBody.split(body, tape: tape, options: options, strict: strict, EmbeddingsFields.all) {
            (fields, adjustments) throws(APIError) -> SplitRequest in
            let model = try RequestedModel.resolve(
                fields["model"],
                serving: .embedding,
                in: catalog,
                endpoint: "v1/embeddings"
            )
            var reader = EmbeddingsReader(fields: fields, model: model, options: options)
            reader.adjustments.add(adjustments)
            return try reader.read()
        }
    }
}
