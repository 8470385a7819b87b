package import JSONBytes
package import NIOCore

/// Translates requests for text completions into native calls, one for each prompt.
package final class CompletionsTranslator: SplitTranslating {
    private let catalog: ModelCatalog
    private let options: TranslationOptions

    package init(catalog: ModelCatalog, options: TranslationOptions = TranslationOptions()) {
        self.catalog = catalog
        self.options = options
    }

    package var operationName: String { "text_completion" }

    package func translate(
        _ body: ByteBuffer,
        tape: JSONTape,
        strict: Bool,
        created: Int,
        operation: DashScopeOperation?
    ) throws(APIError) -> SplitRequest {
        try RequestBody.split(body, tape: tape, options: options, strict: strict, CompletionsFields.all) {
            (fields, adjustments) throws(APIError) -> SplitRequest in
            let model = try RequestedModel.resolve(fields["model"], in: catalog, endpoint: "v1/completions")
            guard model.appID == nil else {
                throw .invalidRequest(
                    "An app is asked in conversations: use POST /v1/chat/completions.",
                    param: "model",
                    code: "model_not_supported"
                )
            }
            let prompts = try CompletionsPrompts(fields["prompt"], limit: options.maximumPrompts)
            var reader = CompletionsReader(
                fields: fields,
                prompts: prompts,
                model: model,
                options: options,
                operation: operation
            )
            reader.out.adjustments.add(adjustments)
            return try reader.read(created: created)
        }
    }
}
