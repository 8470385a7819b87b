import JSONBytes
import NIOCore
import Testing

@testable import APITranslation

/// A translated request as the tests look at it.
struct RequestRun {
    let call: ChatCall
    let body: JSON

    init(
        _ request: String,
        strict: Bool = false,
        operation: DashScopeOperation? = nil,
        options: TranslationOptions = TranslationOptions()
    ) throws {
        call = try ChatRequestTranslator(catalog: ModelCatalog(), options: options).translate(
            ByteBuffer(string: request),
            tape: JSONTape(),
            strict: strict,
            created: 1,
            operation: operation
        )
        body = try JSON(parsing: String(buffer: call.body))
    }

    var parameters: JSON? { body["parameters"] }

    func message(_ index: Int) -> JSON? { body["input"]?["messages"]?[index] }

    /// What the reply side is told.
    var chat: ChatReplyContext {
        get throws { try #require(call.context as? ChatReplyContext) }
    }

    var adjustments: [String] { call.adjustments.texts }

    /// The refusal of a request; fails the test's expectation where there is none.
    static func refusal(_ request: String) -> APIError? {
        do {
            _ = try ChatRequestTranslator(catalog: ModelCatalog()).translate(
                ByteBuffer(string: request),
                tape: JSONTape(),
                strict: false,
                created: 1
            )
            return nil
        } catch {
            return error
        }
    }

    /// A request of one user message with further members.
    static func with(_ members: String, model: String = "qwen-plus") -> String {
        #"{"model":"\#(model)","messages":[{"role":"user","content":"hi"}],\#(members)}"#
    }

    static func messages(_ messages: String, model: String = "qwen-plus") -> String {
        #"{"model":"\#(model)","messages":[\#(messages)]}"#
    }
}
