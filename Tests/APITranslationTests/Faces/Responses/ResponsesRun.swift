import JSONBytes
import NIOCore

@testable import APITranslation

/// A translated request of the Responses API as the tests look at it.
struct ResponsesRun {
    let call: ChatCall
    let body: JSON

    init(_ request: String, strict: Bool = false, turn: ResponsesTurn = ResponsesTurn()) throws {
        call = try ResponsesRequestTranslator(catalog: ModelCatalog()).translate(
            ByteBuffer(string: request),
            tape: JSONTape(),
            strict: strict,
            created: 1,
            turn: turn
        )
        body = try JSON(parsing: String(buffer: call.body))
    }

    /// A request with this input, a JSON text, and further members.
    init(input: String, _ members: String = "", model: String = "qwen-plus", strict: Bool = false) throws {
        try self.init(Self.request(input: input, members, model: model), strict: strict)
    }

    static func request(input: String, _ members: String = "", model: String = "qwen-plus") -> String {
        #"{"model":"\#(model)","input":\#(input)\#(members.isEmpty ? "" : "," + members)}"#
    }

    var parameters: JSON? { body["parameters"] }

    var messages: [JSON] { body["input"]?["messages"]?.elements ?? [] }

    var adjustments: [String] { call.adjustments.texts }

    /// What the reply side is told.
    var context: ResponsesReplyContext? { call.context as? ResponsesReplyContext }

    /// What a response repeats of the request.
    var echo: JSON {
        get throws { try JSON(parsing: "{\"x\":0" + String(buffer: context?.echo ?? ByteBuffer()) + "}") }
    }

    /// The refusal of a request; nil where there is none.
    static func refusal(input: String, _ members: String = "", model: String = "qwen-plus") -> APIError? {
        do {
            _ = try ResponsesRun(input: input, members, model: model)
            return nil
        } catch {
            return error as? APIError
        }
    }
}
