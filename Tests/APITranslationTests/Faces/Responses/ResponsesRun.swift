import JSONBytes
import NIOCore
import WireFormats

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
    init(
        input: String,
        _ members: String = "",
        model: String = "qwen-plus",
        strict: Bool = false,
        seal: ContentSeal? = nil
    ) throws {
        var turn = ResponsesTurn()
        turn.seal = seal
        try self.init(Self.request(input: input, members, model: model), strict: strict, turn: turn)
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

extension ContentSeal {
    /// Turns the text around behind the word for its purpose; gives nothing away and keeps nothing secret.
    static let test = ContentSeal(
        close: { Array($1.rawValue.utf8) + $0.reversed() },
        open: { bytes, purpose in
            guard bytes.starts(with: purpose.rawValue.utf8) else { return nil }
            return bytes.dropFirst(purpose.rawValue.utf8.count).reversed()
        }
    )

    /// `encrypted_content` as this seal makes it.
    static func content(_ text: String, _ purpose: Purpose) -> String {
        "dsg2." + String(decoding: Base64.encode(test.close(Array(text.utf8), purpose)), as: UTF8.self)
    }
}
