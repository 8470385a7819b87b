/// Counts what an answer cost and writes it as the model's family does.
struct UsageMeter: Sendable {
    var textInput = 0
    var imageInput = 0
    var audioInput = 0
    var videoInput = 0
    /// The member `prompt_tokens_details`; absent where nil.
    var promptDetails: JSON?
    /// The member `plugins`.
    var plugins: JSON?
    /// Length of recognized speech.
    var seconds: Int?
    /// Counted at the top level by the document model only.
    var cachedTokens: Int?
    var style: ModelProfile.UsageStyle
    var thinks: Bool

    var input: Int { textInput + imageInput + audioInput + videoInput }

    /// The member `usage` after so many tokens of answer, reasoning included.
    func document(output: Int, reasoning: Int, extraInput: Int = 0) -> JSON {
        if let seconds {
            return [
                "input_tokens_details": ["text_tokens": 0],
                "output_tokens_details": ["text_tokens": .int(output)], "seconds": .int(seconds),
            ]
        }
        let input = input + extraInput
        var usage: JSON = [:]
        switch style {
        case .text:
            usage = ["total_tokens": .int(input + output), "output_tokens": .int(output), "input_tokens": .int(input)]
            if thinks { usage["output_tokens_details"] = ["reasoning_tokens": .int(reasoning)] }
            usage["prompt_tokens_details"] = promptDetails
        case .minimal:
            usage = ["input_tokens": .int(input), "output_tokens": .int(output)]
            addMedia(to: &usage)
        case .detailed:
            var inputDetails: JSON = [:]
            addMedia(to: &inputDetails)
            inputDetails["text_tokens"] = .int(textInput + extraInput)
            var outputDetails: JSON = [:]
            if thinks { outputDetails["reasoning_tokens"] = .int(reasoning) }
            outputDetails["text_tokens"] = .int(output - reasoning)
            usage = ["input_tokens_details": inputDetails]
            usage["prompt_tokens_details"] = promptDetails
            usage["total_tokens"] = .int(input + output)
            usage["output_tokens"] = .int(output)
            usage["input_tokens"] = .int(input)
            usage["output_tokens_details"] = outputDetails
            addMedia(to: &usage)
        }
        usage["plugins"] = plugins
        if let cachedTokens { usage["cached_tokens"] = .int(cachedTokens) }
        return usage
    }

    private func addMedia(to usage: inout JSON) {
        if imageInput > 0 { usage["image_tokens"] = .int(imageInput) }
        if audioInput > 0 { usage["audio_tokens"] = .int(audioInput) }
        if videoInput > 0 { usage["video_tokens"] = .int(videoInput) }
    }
}
