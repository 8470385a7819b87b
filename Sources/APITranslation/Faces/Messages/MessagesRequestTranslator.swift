package import JSONBytes
package import NIOCore

/// Translates requests of Anthropic's Messages API into native DashScope calls.
///
/// The body is parsed once; what is not changed is copied byte for byte.
package final class MessagesRequestTranslator: Sendable {
    private let catalog: ModelCatalog
    private let options: TranslationOptions

    package init(catalog: ModelCatalog, options: TranslationOptions = TranslationOptions()) {
        self.catalog = catalog
        self.options = options
    }

    /// Translates one body of `POST /v1/messages`.
    ///
    /// `operation` overrides the path of the catalogue, `outputLimit` the model's largest answer, where upstream has told
    /// it; `created` is in Unix seconds. With `strict` a request that would need a repair is refused.
    ///
    /// - Throws: A refusal whose message begins with the place, as Anthropic's do.
    package func translate(
        _ body: ByteBuffer,
        tape: JSONTape,
        strict: Bool,
        created: Int,
        operation: DashScopeOperation? = nil,
        outputLimit: Int? = nil
    ) throws(APIError) -> ChatCall {
        do throws(APIError) {
            return try RequestBody.read(body, tape: tape, options: options) { (body) throws(APIError) -> ChatCall in
                let (fields, model, scan) = try read(body.root)
                var reader = MessagesReader(
                    fields: fields,
                    scan: scan,
                    model: model,
                    options: options,
                    operation: operation,
                    capacity: body.count + body.count / 16 + 512,
                    created: created
                )
                reader.out.adjustments.add(body.adjustments)
                if fields.stream {
                    reader.context.estimatedInputTokens = MessagesTokenEstimate.of(fields, scan, samplesTexts: true)
                }
                try reader.write(outputLimit: outputLimit)
                let call = reader.call()
                if let app = model.appID {
                    let count = fields.messages.map(AppRequest.count) ?? 0
                    var request = try AppRequest(body.root, .messages, ownMessages: count)
                    try request.rewrite(call, of: app, tape: tape)
                }
                if strict, let refusal = call.adjustments.refusal { throw refusal }
                return call
            }
        } catch {
            throw error.inMessagesForm
        }
    }

    /// Estimates the input tokens of one body of `POST /v1/messages/count_tokens`.
    package func estimateTokens(_ body: ByteBuffer, tape: JSONTape) throws(APIError) -> Int {
        do throws(APIError) {
            return try RequestBody.read(body, tape: tape, options: options) { (body) throws(APIError) -> Int in
                let (fields, model, scan) = try read(body.root)
                // Requests that would be refused there are refused here.
                var reader = MessagesReader(
                    fields: fields,
                    scan: scan,
                    model: model,
                    options: options,
                    operation: nil,
                    capacity: body.count + body.count / 16 + 512,
                    created: 0
                )
                reader.isCounting = true
                try reader.write(outputLimit: nil)
                return MessagesTokenEstimate.of(fields, scan)
            }
        } catch {
            throw error.inMessagesForm
        }
    }

    private func read(_ root: JSONValue) throws(APIError) -> (MessagesFields, ResolvedModel, MessagesScan) {
        let fields = try MessagesFields(root)
        let model = try RequestedModel.resolve(fields.model, in: catalog, endpoint: "v1/messages")
        if !model.isAliased, !model.isKnown, model.requestedName.utf8.starts(with: "claude".utf8) {
            throw Self.noAlias(model.requestedName)
        }
        try Self.refuseThread(fields.thread)
        guard let messages = fields.messages else { throw .missing("messages") }
        guard !messages.isEmptyContainer else { throw .messages("messages", "at least one message is required") }
        return (fields, model, try MessagesScan(messages))
    }

    private static func noAlias(_ name: String) -> APIError {
        APIError(
            status: 404,
            message:
                "model: \(name). No model is set for this name; the operator names one under `aliases` of the catalogue "
                + "file.",
            type: "invalid_request_error",
            code: "model_not_found",
            param: "model"
        )
    }

    /// A server that ignored it would be sent the end of a conversation without its beginning.
    private static func refuseThread(_ thread: JSONValue?) throws(APIError) {
        guard let thread else { return }
        var error: APIError
        if thread.kind == .object, thread.present("type")?.equals("continue") == true {
            error = APIError(
                status: 404,
                message: "thread: no conversation is kept here; send the whole history.",
                type: "invalid_request_error",
                code: "thread_not_found",
                param: "thread"
            )
        } else {
            error = .messages(
                "thread",
                "no conversation is kept here; send the whole history.",
                code: "thread_unsupported_request"
            )
        }
        error.detailsCode = error.code
        throw error
    }
}
