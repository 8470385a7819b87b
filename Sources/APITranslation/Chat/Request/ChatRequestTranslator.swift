package import JSONBytes
package import NIOCore

/// Translates OpenAI chat requests into native DashScope calls.
///
/// The body is parsed once; what is not changed is copied byte for byte.
package final class ChatRequestTranslator: Sendable {
    /// What an operator may choose.
    package struct Options: Sendable {
        /// Answers longer than this are streamed inside, because DashScope ends plain calls after 300 seconds.
        package var longestPlainAnswer = 8192
        /// `thinking_budget` sent for a `reasoning_effort`; none by default.
        package var thinkingBudgets: [String: Int] = [:]
        /// Bodies with more JSON values are refused: each costs memory and time that its bytes do not show.
        package var maximumValues = 1_000_000
        /// Streams end with usage where the request does not say whether they should.
        package var alwaysIncludesUsage = false

        package init() {}
    }

    /// In bytes of UTF-8; the longest name of a model is a third of it.
    static let longestModelName = 256

    private let catalog: ModelCatalog
    private let options: Options

    package init(catalog: ModelCatalog, options: Options = Options()) {
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
        let result: Result<ChatCall, APIError> = body.withUnsafeReadableBytes { bytes in
            do throws(APIError) {
                return .success(
                    try translate(bytes, tape: tape, strict: strict, created: created, operation: operation)
                )
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func translate(
        _ bytes: UnsafeRawBufferPointer,
        tape: JSONTape,
        strict: Bool,
        created: Int,
        operation: DashScopeOperation?
    ) throws(APIError) -> ChatCall {
        let root: JSONValue
        do {
            root = try tape.parse(bytes, maximumValues: options.maximumValues)
        } catch {
            if error.code == .tooManyValues {
                throw .invalidRequest(
                    "The JSON body of your request holds more than \(options.maximumValues) values.",
                    param: nil,
                    code: "too_many_values"
                )
            }
            throw .invalidRequest(
                "We could not parse the JSON body of your request: \(error).",
                param: nil,
                code: "invalid_json"
            )
        }
        guard root.kind == .object else {
            throw .invalidRequest(
                "The request body must be a JSON object, but is \(root.kindDescription).",
                param: nil,
                code: "invalid_type"
            )
        }
        let fields = try ChatFields(root)
        guard let model = fields[.model] else { throw .missing("model") }
        guard let name = model.string, !name.isEmpty else { throw .invalidValue("model", "it is empty.") }
        guard name.utf8.count <= Self.longestModelName else {
            throw .invalidRequest(
                "Invalid 'model': string too long. Expected a string with maximum length \(Self.longestModelName), but got "
                    + "a string with length \(name.utf8.count) instead.",
                param: "model",
                code: "string_above_max_length"
            )
        }
        let resolved = catalog.resolve(name)
        guard resolved.traits.isConversational else { throw .notConversational(name) }
        guard let messages = fields[.messages] else { throw .missing("messages") }
        guard !messages.isEmptyContainer else {
            throw .invalidRequest(
                "Invalid 'messages': empty array. Expected at least one message.",
                param: "messages",
                code: "empty_array"
            )
        }
        var draft = ChatRequestDraft(
            fields: fields,
            messages: messages,
            model: resolved,
            options: options,
            operation: operation,
            capacity: bytes.count + 384
        )
        try draft.write()
        if strict, let refusal = draft.adjustments.refusal { throw refusal }
        return draft.call(created: created)
    }
}

extension APIError {
    /// The refusal of a model whose kind has another endpoint.
    static func notConversational(_ name: String) -> APIError {
        .invalidRequest(
            "This is not a chat model and thus not supported in the v1/chat/completions endpoint: `\(name)`.",
            param: "model",
            code: "model_not_supported"
        )
    }
}
