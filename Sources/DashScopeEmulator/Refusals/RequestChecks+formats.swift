extension RequestChecks {
    func checkResponseFormat() throws(Refusal) {
        guard let format = parameters["response_format"] else { return }
        switch format["type"]?.string {
        case "text": return
        case "json_object":
            if request.thinks {
                throw .algorithm("Json mode response is not supported when enable_thinking is true")
            }
            guard request.messages.contains(where: { $0.text.lowercased().contains("json") }) else {
                throw .algorithm(
                    "'messages' must contain the word 'json' in some form, to use 'response_format' of type "
                        + "'json_object'."
                )
            }
        case "json_schema": try checkSchema(format["json_schema"])
        default: throw .algorithm("Unknown format of response_format")
        }
    }

    private func checkSchema(_ description: JSON?) throws(Refusal) {
        if !model.takesSchema { throw .algorithm("Unknown format of response_format: json_schema") }
        guard let description, description.members != nil else {
            throw .algorithm("'json_schema' is a required property - 'response_format'")
        }
        guard let name = description["name"]?.string, isName(name) else {
            throw .algorithm("response_format.json_schema.name must match '^[a-zA-Z0-9_-]{1,64}$'")
        }
        if let schema = description["schema"], schema.members == nil {
            throw Refusal(status: 400, code: "InvalidSchema", message: "The schema must be an object.")
        }
        if let strict = description["strict"], strict.bool == nil {
            throw .wrongType("response_format.json_schema.strict", "a boolean")
        }
    }
}
