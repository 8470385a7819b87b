/// Which field of the OpenAI request a native complaint is about.
///
/// DashScope names the field in its messages only, in words that differ between models; the fragments are stable.
/// Source: DashScope error reference, messages of `InvalidParameter`.
enum ParameterFragments {
    struct Fragment: Sendable {
        /// In lower case.
        let text: String
        let param: String

        init(_ text: String, _ param: String) {
            self.text = text
            self.param = param
        }
    }

    /// The first that the message holds counts.
    static let all: [Fragment] = [
        Fragment("enable_thinking must be set to false for non-streaming calls", "enable_thinking"),
        Fragment("enable_thinking only support stream call", "enable_thinking"),
        Fragment("enable_thinking parameter is restricted to true", "enable_thinking"),
        Fragment("only support stream mode", "stream"),
        Fragment("please enable the stream parameter", "stream"),
        Fragment("'audio' output only support with stream=true", "stream"),
        Fragment("incremental_output", "incremental_output"),
        Fragment("thinking_budget", "thinking_budget"),
        Fragment("result_format must be", "result_format"),
        Fragment("does not support enable_search", "enable_search"),
        Fragment("non-streaming mode does not support web search", "enable_search"),
        Fragment("json mode response is not supported", "response_format"),
        Fragment("must contain the word 'json'", "messages"),
        Fragment("unknown format of response_format", "response_format"),
        Fragment("tool_choice", "tool_choice"),
        Fragment("tool names are not allowed", "tools"),
        Fragment("tool call is not supported", "tools"),
        Fragment("messages with role \"tool\"", "messages"),
        Fragment("content field is a required field", "messages"),
        Fragment("input content must be a string", "messages"),
        Fragment("role must be user or assistant", "messages"),
        Fragment("either \"prompt\" or \"messages\" must exist", "messages"),
        Fragment("[] is too short - 'tools'", "tools"),
        Fragment("[] is too short", "messages"),
        Fragment("range of max_tokens should be", "max_tokens"),
        Fragment("temperature should be in", "temperature"),
        Fragment("range of top_p should be", "top_p"),
        Fragment("parameter top_k be greater", "top_k"),
        Fragment("repetition_penalty should be", "repetition_penalty"),
        Fragment("presence_penalty should be", "presence_penalty"),
        Fragment("range of n should be", "n"),
        Fragment("range of seed should be", "seed"),
        Fragment("input.documents", "documents"),
        Fragment("size is not match the allowed size", "size"),
        Fragment("batch size is invalid", "input"),
        Fragment("contents is neither str nor list of str", "input"),
        Fragment("current user api does not support http call", "model"),
        Fragment("image length and width do not meet", "messages"),
        Fragment("暂时不支持当前设置的语种", "translation_options"),
        Fragment("repetitive tool calls detected", "messages"),
        Fragment("requested voice", "voice"),
        Fragment("request voice is invalid", "voice"),
        Fragment("engine return error code: 411", "voice"),
        Fragment("engine return error code: 418", "voice"),
        Fragment("engine return error code: 428", "instructions"),
        Fragment("ensure input text is valid", "input"),
    ]

    /// Names of fields, looked for as whole words where no fragment fits; longer names before those they contain.
    static let names = [
        "max_completion_tokens", "max_tokens", "top_logprobs", "logprobs", "response_format", "json_schema",
        "parallel_tool_calls", "tool_choice", "tool_calls", "tools", "temperature", "top_p", "top_k",
        "repetition_penalty", "presence_penalty", "frequency_penalty", "logit_bias", "seed", "stop",
        "enable_thinking", "reasoning_effort", "enable_search", "search_options", "translation_options",
        "asr_options", "ocr_options", "messages", "dimension", "text_type", "output_type", "enable_fusion",
        "return_documents", "top_n", "documents", "query", "img_url", "first_frame_url", "last_frame_url",
        "reference_urls", "shot_type",
    ]

    /// The field a message (in lower case) is about, by its OpenAI name.
    static func param(in message: String) -> String? {
        if let fragment = all.first(where: { message.contains($0.text) }) { return fragment.param }
        switch names.first(where: { isWord($0, in: message) }) {
        case "json_schema": return "response_format"
        case "tool_calls": return "messages"
        case "dimension": return "dimensions"
        case let name: return name
        }
    }

    private static func isWord(_ word: String, in text: String) -> Bool {
        var rest = text[...]
        while let range = rest.firstRange(of: word) {
            let before = range.lowerBound == text.startIndex ? " " : text[text.index(before: range.lowerBound)]
            let after = range.upperBound == text.endIndex ? " " : text[range.upperBound]
            if !isNamePart(before), !isNamePart(after) { return true }
            rest = rest[range.upperBound...]
        }
        return false
    }

    private static func isNamePart(_ character: Character) -> Bool {
        character == "_" || (character.isASCII && (character.isLetter || character.isNumber))
    }
}
