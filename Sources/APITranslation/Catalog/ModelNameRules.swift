/// The traits that a model's name suggests, for models (or facts) that the catalogue does not have.
///
/// Source: DashScope model pages, "which model lives on which path" and "thinking and streaming matrix".
enum ModelNameRules {
    /// Everything the name tells.
    static func traits(of name: ModelName) -> ModelTraits {
        let thinking = thinking(of: name)
        var traits = ModelTraits(
            operation: operation(of: name),
            thinking: thinking,
            streamOnly: streamOnly(of: name, thinking: thinking)
        )
        addFamilyTraits(of: name, to: &traits)
        if traits.operation == .multimodalGeneration { traits.takesMedia = true }
        return traits
    }

    /// The traits that depend on the family alone and are never in the catalogue.
    static func addFamilyTraits(of name: ModelName, to traits: inout ModelTraits) {
        let isModernGLM = (name.version(after: "glm-")?.major ?? 0) >= 5
        // Accepted on the older qwen-max too, as recorded traffic shows.
        traits.takesMaxCompletionTokens =
            isModernQwen(name) || isModernGLM || name.begins("deepseek") || name.begins("qwen-max")
        traits.takesReasoningEffort = (name.begins("deepseek-v4") || isModernGLM) && traits.thinking != .never
        traits.isCumulative = name.begins("qwen-mt-plus") || name.begins("qwen-mt-turbo")
        traits.isTranslation = name.begins("qwen-mt-") && !name.holds("-image")
        traits.writesAudio = name.holds("omni")
        traits.readsFiles = name.begins("qwen-long")
        traits.fillsInTheMiddle = fillsInTheMiddle(name)
        if name.begins("qwen-long") {
            traits.textParts = .never
        } else if name.version(after: "glm-") != nil {
            traits.textParts = .withTools
        }
    }

    /// Source: DashScope's page on the coder models, "completions".
    private static func fillsInTheMiddle(_ name: ModelName) -> Bool {
        name.begins("qwen-coder-turbo") || name.begins("qwen2.5-coder-7b-instruct")
            || name.begins("qwen2.5-coder-14b-instruct") || name.begins("qwen2.5-coder-32b-instruct")
    }

    /// Qwen 3.5 and later, by version number.
    private static func isModernQwen(_ name: ModelName) -> Bool {
        guard let version = name.version(after: "qwen") else { return false }
        return version.major > 3 || version.major == 3 && (version.minor ?? 0) >= 5
    }

    private static func operation(of name: ModelName) -> DashScopeOperation {
        if name.holds("vl") || name.holds("qvq") || name.holds("-audio") || name.holds("-omni") || name.holds("-ocr")
            || name.holds("-asr") || name.holds("-tts") || name.holds("-image") || name.holds("vision")
            || name.holds("z-image") || name.begins("gui-") || name.holds("livetranslate")
        {
            return .multimodalGeneration
        }
        if name.begins("qwen3.7-max") { return .textGeneration }
        if isModernQwen(name) { return .multimodalGeneration }
        if let kimi = name.version(after: "kimi-k"), kimi.major > 2 || kimi.minor != nil {
            return .multimodalGeneration
        }
        return .textGeneration
    }

    private static func thinking(of name: ModelName) -> ModelTraits.Thinking {
        if name.holds("-instruct") || name.holds("-chat") || name.holds("-asr") || name.holds("-tts")
            || name.holds("-ocr") || name.holds("-image") || name.holds("-coder") || name.holds("-character")
        {
            return .never
        }
        if name.begins("qwq") || name.begins("qvq") || name.begins("deepseek-r") || name.begins("minimax-m2") {
            return .always
        }
        if name.holds("-think") {
            // These vendors call the models so that always think; in another name the word proves nothing.
            return isQwen(name) || name.begins("deepseek") || name.begins("kimi") ? .always : .unknown
        }
        if name.holds("-omni") { return .unknown }
        if isModernQwen(name) { return .onByDefault }
        return isQwen(name) ? qwenThinking(of: name) : otherThinking(of: name)
    }

    private static func isQwen(_ name: ModelName) -> Bool {
        name.begins("qwen")
    }

    private static func qwenThinking(of name: ModelName) -> ModelTraits.Thinking {
        if name.begins("qwen-plus") || name.begins("qwen-flash") || name.begins("qwen-turbo")
            || name.begins("qwen3-max") || name.begins("qwen3-vl-plus") || name.begins("qwen3-vl-flash")
        {
            return .offByDefault
        }
        if name.begins("qwen-max") || name.begins("qwen-mt-") || name.begins("qwen-vl-") || name.begins("qwen-long")
            || name.begins("qwen-math") || name.begins("qwen1") || name.begins("qwen2")
        {
            return .never
        }
        // The open models of the third generation carry their size: qwen3-32b, qwen3-235b-a22b.
        if name.version(after: "qwen3-") != nil { return .onByDefault }
        return .unknown
    }

    private static func otherThinking(of name: ModelName) -> ModelTraits.Thinking {
        if let deepSeek = name.version(after: "deepseek-v") {
            if deepSeek.major == 3 { return deepSeek.minor == nil ? .never : .offByDefault }
            return deepSeek.major > 3 ? .switchable : .never
        }
        if let glm = name.version(after: "glm-") {
            return (glm.major, glm.minor ?? 0) >= (5, 2) ? .onByDefault : .switchable
        }
        if let kimi = name.version(after: "kimi-k") {
            return kimi.major > 2 || kimi.minor != nil ? .switchable : .unknown
        }
        if name.begins("llama") || name.begins("baichuan") || name.begins("chatglm") { return .never }
        return .unknown
    }

    /// Whether only streams work.
    ///
    /// Where it is not proven that a model thinks without a stream, it counts as stream-only while thinking: to
    /// stream upstream and answer whole is right either way.
    static func streamOnly(of name: ModelName, thinking: ModelTraits.Thinking) -> ModelTraits.StreamOnly {
        if name.holds("captioner") { return .no }
        if name.begins("qwq") || name.begins("qvq") || name.holds("-omni") || name.holds("deep-research")
            || name.holds("livetranslate")
        {
            return .always
        }
        if name.begins("qwen3.7-max") || name.begins("qwen3-max") || name.begins("qwen3.5-plus")
            || name.begins("qwen3.6-plus") || name.begins("qwen3-vl-") || name.begins("deepseek-v4-pro")
            || name.begins("deepseek-r1")
        {
            return .no
        }
        // To stream is right either way.
        if thinking == .unknown, name.holds("-think") { return .always }
        switch thinking {
        case .always: return .always
        case .onByDefault, .offByDefault, .switchable: return .whenThinking
        case .never, .unknown: return .no
        }
    }
}
