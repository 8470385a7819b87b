/// A request that DashScope would not serve.
struct Refusal: Error, Equatable {
    var status: Int
    var code: String
    var message: String
    /// Whether a streaming caller may get it as an error event inside a 200 stream.
    var mayComeAsEvent = false

    /// The refusal of a field: 400 `InvalidParameter`.
    static func invalid(_ message: String) -> Refusal {
        Refusal(status: 400, code: "InvalidParameter", message: message, mayComeAsEvent: true)
    }

    /// The same raised in the algorithm layer, which puts its own code before the message.
    static func algorithm(_ message: String) -> Refusal {
        invalid("<400> InternalError.Algo.InvalidParameter: " + message)
    }

    /// The model lives on the other generation path; the exclamation mark is full-width.
    static let wrongPath = Refusal.invalid("url error, please check url！")

    static let unknownModel = Refusal(status: 404, code: "ModelNotFound", message: "Model can not be found.")

    func document(requestID: String) -> JSON {
        ["code": .string(code), "message": .string(message), "request_id": .string(requestID)]
    }
}
