/// A top-level field of a chat request that the gateway knows.
///
/// The order is the order of `docs/parameters.md`.
package enum ChatFieldID: UInt8, CaseIterable, Sendable {
    case model, messages, stream, streamOptions
    case maxCompletionTokens, maxTokens, temperature, topP, frequencyPenalty, presencePenalty, n, stop, seed, logitBias
    case logprobs, topLogprobs, responseFormat
    case tools, toolChoice, parallelToolCalls, functions, functionCall
    case reasoningEffort, reasoning, thinking, chatTemplateKwargs, webSearchOptions, verbosity, modalities, audio
    case prediction, store, metadata, serviceTier, user, safetyIdentifier, promptCacheKey, promptCacheRetention
    case promptCacheOptions, moderation, extraBody
    // DashScope's own.
    case enableThinking, thinkingBudget, preserveThinking, clearThinking, enableSearch, searchOptions
    case enableTextImageMixed, enableCodeInterpreter, toolStream, topK, repetitionPenalty
    case vlHighResolutionImages, vlEnableImageHwOutput, ocrOptions, asrOptions, translationOptions, skill, outputFormat
    case incrementalOutput, resultFormat
}

/// The entry of one field in the table.
package struct ChatField: Sendable {
    /// The treatment of a field.
    package enum Fate: String, Sendable {
        case carried, converted, approximated, refused, ignored
        case local = "handled by the gateway"
    }

    /// The kinds of value that are taken; null is an absent field everywhere.
    package enum Expectation: String, Sendable {
        case any, boolean, integer, number, string, array, object
        case stringOrArray = "string or array"
        case stringOrObject = "string or object"
    }

    package var id: ChatFieldID
    package var name: StaticString
    package var expects: Expectation
    package var fate: Fate
    /// Where it goes, in words of the native API.
    package var native: String
    package var note: String

    init(
        _ id: ChatFieldID,
        _ name: StaticString,
        _ expects: Expectation,
        _ fate: Fate,
        _ native: String = "",
        _ note: String = ""
    ) {
        self.id = id
        self.name = name
        self.expects = expects
        self.fate = fate
        self.native = native
        self.note = note
    }
}
