extension APIError {
    /// The same refusal as Anthropic says it: the message begins with the place.
    var inMessagesForm: APIError {
        guard let param, origin == .client else { return self }
        let place = param.replacing("[", with: ".").replacing("]", with: "")
        var error = self
        if message.hasPrefix("Missing required parameter") {
            error.message = "\(place): Field required"
        } else if let said = message.firstRange(of: "'\(param)': ") {
            error.message = "\(place): \(message[said.upperBound...])"
        } else if !message.hasPrefix("\(place): ") {
            error.message = "\(place): \(message)"
        }
        return error
    }

    /// A 400 at a place of a request of `/v1/messages`.
    static func messages(_ place: String, _ message: String, code: String = "invalid_value") -> APIError {
        .invalidRequest("\(place): \(message)", param: place, code: code)
    }
}
