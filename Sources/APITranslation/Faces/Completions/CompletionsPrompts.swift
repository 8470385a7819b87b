import JSONBytes

/// The prompts of a request, in its order.
struct CompletionsPrompts {
    /// Strings.
    let values: [JSONValue]
    private let isList: Bool

    /// Reads `prompt`; a list may hold `limit` prompts.
    ///
    /// - Throws: A 400 that names `prompt`, or the element that is no string.
    init(_ prompt: JSONValue?, limit: Int) throws(APIError) {
        guard let prompt else { throw .missing("prompt") }
        isList = prompt.kind == .array
        guard isList else {
            guard prompt.kind == .string else {
                throw .wrongType("prompt", expected: "string or array", got: prompt)
            }
            values = [prompt]
            return
        }
        var values: [JSONValue] = []
        for element in prompt.elements {
            guard values.count < limit else {
                throw .invalidRequest(
                    "Invalid 'prompt': array too long. Expected an array with maximum length \(limit).",
                    param: "prompt",
                    code: "array_above_max_length"
                )
            }
            if element.kind == .number || element.kind == .array {
                throw .invalidRequest(
                    "Invalid 'prompt': token ids are those of another tokenizer; send the text.",
                    param: "prompt",
                    code: "invalid_type"
                )
            }
            guard element.kind == .string else {
                throw .wrongType("prompt[\(values.count)]", expected: "string", got: element)
            }
            values.append(element)
        }
        guard !values.isEmpty else {
            throw .invalidRequest(
                "Invalid 'prompt': empty array. Expected at least one prompt.",
                param: "prompt",
                code: "empty_array"
            )
        }
        self.values = values
    }

    /// The place of a prompt, for an error.
    func place(_ index: Int) -> String { isList ? "prompt[\(index)]" : "prompt" }
}
