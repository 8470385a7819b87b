package import JSONBytes
package import NIOCore

/// Translates OpenAI chat requests into native DashScope calls.
///
/// The body is parsed once; what is not changed is copied byte for byte.
package final class ChatRequestTranslator: Sendable {
    private let catalog: ModelCatalog
    private let options: TranslationOptions

    package init(catalog: ModelCatalog, options: TranslationOptions = TranslationOptions()) {
        self.catalog = catalog
        self.options = options
    }

    /// Translates one request body.
    ///
    /// `operation` overrides the path of the catalogue; `created` is in Unix seconds. With `strict` a request that
    /// would need a repair is refused.
    ///
    /// - Throws: a 400, or a 413 for inline media that are too large, naming the parameter.
    package func translate(
        _ body: ByteBuffer,
        tape: JSONTape,
        strict: Bool,
        created: Int,
        operation: DashScopeOperation? = nil
    ) throws(APIError) -> ChatCall {
        try RequestBody.read(body, tape: tape, options: options) { (body) throws(APIError) -> ChatCall in
            let fields = try ChatFields(body.root)
            let model = try RequestedModel.resolve(fields[.model], in: catalog, endpoint: "v1/chat/completions")
            guard let messages = fields[.messages] else { throw .missing("messages") }
            guard !messages.isEmptyContainer else {
                throw .invalidRequest(
                    "Invalid 'messages': empty array. Expected at least one message.",
                    param: "messages",
                    code: "empty_array"
                )
            }
            var reader = ChatReader(
                fields: fields,
                messages: messages,
                model: model,
                options: options,
                operation: operation,
                capacity: body.count + 384
            )
            reader.out.adjustments.add(body.adjustments)
            try reader.write()
            let call = reader.call(created: created)
            if let app = model.appID {
                var request = try AppRequest(
                    body.root,
                    .chat,
                    ownMessages: AppRequest.count(messages)
                )
                try request.rewrite(call, of: app, tape: tape)
            }
            if strict, let refusal = call.adjustments.refusal { throw refusal }
            return call
        }
    }
}
