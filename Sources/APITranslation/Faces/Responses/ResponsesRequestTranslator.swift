package import JSONBytes
package import NIOCore

/// Translates requests of OpenAI's Responses API into native DashScope calls.
///
/// The body is parsed once; what is not changed is copied byte for byte.
package final class ResponsesRequestTranslator: Sendable {
    private let catalog: ModelCatalog
    private let options: TranslationOptions

    package init(catalog: ModelCatalog, options: TranslationOptions = TranslationOptions()) {
        self.catalog = catalog
        self.options = options
    }

    /// Translates one body of `POST /v1/responses`.
    ///
    /// `operation` overrides the path of the catalogue; `created` is in Unix seconds. With `strict` a request that would
    /// need a repair is refused.
    ///
    /// - Throws: A 400, or a 413 for inline media that are too large, naming the parameter.
    package func translate(
        _ body: ByteBuffer,
        tape: JSONTape,
        strict: Bool,
        created: Int,
        operation: DashScopeOperation? = nil,
        turn: ResponsesTurn = ResponsesTurn()
    ) throws(APIError) -> ChatCall {
        try RequestBody.read(body, tape: tape, options: options) { (body) throws(APIError) -> ChatCall in
            let fields = try ResponsesFields(body.root)
            let model = try RequestedModel.resolve(fields[.model], in: catalog, endpoint: "v1/responses")
            guard let input = fields[.input] else { throw .missing("input") }
            guard !input.isEmptyContainer else {
                throw .invalidRequest(
                    "Invalid 'input': empty array. Expected at least one item.",
                    param: "input",
                    code: "empty_array"
                )
            }
            var reader = ResponsesReader(
                fields: fields,
                scan: try ResponsesScan(input, fields.places(history: turn.history)),
                model: model,
                options: options,
                operation: operation,
                capacity: body.count + body.count / 16 + 512,
                created: created
            )
            reader.out.adjustments.add(body.adjustments)
            reader.take(turn)
            try reader.write()
            let call = reader.call()
            if let app = model.appID {
                var request = try AppRequest(
                    body.root,
                    .responses,
                    session: turn.session.flatMap { $0.model == model.requestedName ? $0.id : nil },
                    ownMessages: AppRequest.count(input) - turn.history + (fields[.instructions] == nil ? 0 : 1)
                )
                try request.rewrite(call, of: app, tape: tape)
            }
            if strict, let refusal = call.adjustments.refusal { throw refusal }
            return call
        }
    }

    /// Estimates the input tokens of one body of `POST /v1/responses/input_tokens`.
    package func estimateTokens(_ body: ByteBuffer, tape: JSONTape, history: Int = 0) throws(APIError) -> Int {
        try RequestBody.read(body, tape: tape, options: options) { (body) throws(APIError) -> Int in
            let fields = try ResponsesFields(body.root)
            _ = try RequestedModel.resolve(fields[.model], in: catalog, endpoint: "v1/responses")
            guard let input = fields[.input] else { throw .missing("input") }
            return ResponsesTokenEstimate.of(fields, try ResponsesScan(input, fields.places(history: history)))
        }
    }
}
