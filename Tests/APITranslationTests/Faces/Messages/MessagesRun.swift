import JSONBytes
import NIOCore

@testable import APITranslation

/// A translated request of the Messages API as the tests look at it.
struct MessagesRun {
    let call: ChatCall
    let body: JSON

    init(
        _ request: String,
        strict: Bool = false,
        outputLimit: Int? = nil,
        catalog: ModelCatalog = ModelCatalog()
    ) throws {
        call = try MessagesRequestTranslator(catalog: catalog).translate(
            ByteBuffer(string: request),
            tape: JSONTape(),
            strict: strict,
            created: 1,
            outputLimit: outputLimit
        )
        body = try JSON(parsing: String(buffer: call.body))
    }

    var parameters: JSON? { body["parameters"] }

    var messages: [JSON] { body["input"]?["messages"]?.elements ?? [] }

    var adjustments: [String] { call.adjustments.texts }

    /// What the reply side is told.
    var context: MessagesReplyContext? { call.context as? MessagesReplyContext }

    /// The refusal of a request; nil where there is none.
    static func refusal(_ request: String) -> APIError? {
        do {
            _ = try MessagesRun(request)
            return nil
        } catch {
            return error as? APIError
        }
    }

    static func estimate(_ request: String) throws -> Int {
        try MessagesRequestTranslator(catalog: ModelCatalog()).estimateTokens(
            ByteBuffer(string: request),
            tape: JSONTape()
        )
    }

    /// A request of one user message with further members.
    static func with(_ members: String, model: String = "qwen-plus") -> String {
        let more = members.isEmpty ? "" : "," + members
        return #"{"model":"\#(model)","max_tokens":100,"messages":[{"role":"user","content":"hi"}]\#(more)}"#
    }

    static func messages(_ messages: String, model: String = "qwen-plus", _ members: String = "") -> String {
        let more = members.isEmpty ? "" : "," + members
        return #"{"model":"\#(model)","max_tokens":100,"messages":[\#(messages)]\#(more)}"#
    }
}
