/// Everything DashScope looks at in a body before it answers, in its order.
struct RequestChecks {
    let request: NativeRequest
    var model: ModelProfile { request.model }
    var parameters: JSON { request.parameters }

    /// Throws what DashScope would refuse first.
    func run() throws(Refusal) {
        try checkEnvelope()
        try checkMessages()
        try checkSampling()
        try checkLengths()
        try checkThinking()
        try checkTools()
        try checkResponseFormat()
        try checkBuiltIns()
        try checkModelOptions()
    }

    private func checkEnvelope() throws(Refusal) {
        guard let input = request.body["input"], !input.isNull else {
            throw Refusal(
                status: 400,
                code: "BadRequest.EmptyInput",
                message: "Required parameter(input) missing or invalid, please check the request parameters.",
                mayComeAsEvent: true
            )
        }
        guard input.members != nil else { throw .illegalInput("input must be an object") }
        if let parameters = request.body["parameters"], parameters.members == nil {
            throw .illegalInput("parameters must be an object")
        }
        let messages = input["messages"]
        if messages == nil || messages?.isNull == true {
            guard let prompt = input["prompt"], !prompt.isNull else {
                throw .invalid("Either \"prompt\" or \"messages\" must exist and cannot both be none")
            }
            guard prompt.string != nil else { throw .invalid("prompt must be a string") }
            return
        }
        guard let list = messages?.array else { throw .invalid("messages must be an array") }
        if list.isEmpty {
            throw model.path == .text
                ? .invalid("Role must be user or assistant and Content length must be greater than 0")
                : .algorithm("[] is too short - 'messages'")
        }
    }
}

extension Refusal {
    /// A body of the wrong shape.
    static func illegalInput(_ message: String) -> Refusal {
        Refusal(status: 400, code: "BadRequest.IllegalInput", message: message, mayComeAsEvent: true)
    }

    /// A parameter of the wrong type.
    static func wrongType(_ name: String, _ wanted: String) -> Refusal {
        algorithm("parameters.\(name) must be \(wanted)")
    }
}
