extension ModelProfile {
    /// Reads a model's name by the rules of the documentation; nil for a name that no rule knows.
    init?(name given: String) {
        var name = given.lowercased()
        // Partner vendors put their name and a slash before the model's.
        if let slash = name.lastIndex(of: "/") { name = String(name[name.index(after: slash)...]) }
        if name.isEmpty { name = "qwen-plus" }
        guard Self.families.contains(where: name.hasPrefix), !Self.otherOperations.contains(where: name.contains) else {
            return nil
        }
        let kind = Self.kind(of: name)
        let thinking = Self.thinking(of: name, kind: kind)
        let isOpenHybrid = Self.isOpenHybrid(name)
        let limits = Self.limits(of: name)
        let version = Self.qwenVersion(of: name)
        let modern = ["qwen3-max", "qwen3-vl"].contains { name.hasPrefix($0) } || version >= 3.5
        let opaque: [Kind] = [
            .translation, .ocr, .speechRecognition, .captioner, .audio, .deepResearch, .document, .longContext,
        ]

        self.name = name
        self.kind = kind
        self.path = Self.path(of: name)
        self.isOnBothPaths = name.hasPrefix("qwen3.6-35b-a3b")
        self.thinking = thinking
        self.streamRule = Self.streamRule(of: name, kind: kind, thinking: thinking)
        self.incrementalByDefault =
            modern || isOpenHybrid || thinking == .always || name.hasPrefix("qwen3-") || kind == .deepResearch
        self.refusesCumulativeOutput = isOpenHybrid || name.hasPrefix("qwq") || name.hasPrefix("qvq")
        self.alwaysCumulative = kind == .translation && (name.contains("plus") || name.contains("turbo"))
        self.textFormatByDefault =
            !(modern || name.hasPrefix("qwen3") || name.hasPrefix("qwq") || name.hasPrefix("deepseek")
            || name.hasPrefix("glm") || name.hasPrefix("kimi") || kind == .longContext || kind == .translation)
        self.maximumInput = limits.input
        self.maximumOutput = limits.output
        self.maximumThinking = 81_920
        self.takesTools = !opaque.contains(kind) && !name.contains("-math-")
        self.takesSearch =
            !opaque.contains(kind) && !name.contains("coder") && !name.contains("-math-")
            && !(kind == .vision && !modern)
        self.takesSchema =
            !opaque.contains(kind)
            && !["qwen-vl-", "qwen2", "qwen1", "qwen-audio", "qvq"].contains { name.hasPrefix($0) }
        self.takesCodeInterpreter = name.hasPrefix("qwen3-max") || version >= 3.5
        self.choosesAmongSeveral = kind == .general
        self.fillsInTheMiddle =
            ["qwen-coder-turbo", "qwen2.5-coder-7b", "qwen2.5-coder-14b", "qwen2.5-coder-32b"]
            .contains { name.hasPrefix($0) }
        self.honoursMaxCompletionTokens =
            version >= 3.5 || name.hasPrefix("deepseek") || name.hasPrefix("glm-5") || name == "qwen-max"
        self.reasoningEfforts =
            name.hasPrefix("deepseek-v4") || name.hasPrefix("glm-5")
            ? ["high", "max", "low", "medium", "xhigh"] : []
        self.usageStyle =
            path == .text ? .text : (modern || kind == .general || kind == .ocr ? .detailed : .minimal)
    }

    /// First letters of every family that has a generation path.
    private static let families = [
        "qwen", "qwq", "qvq", "deepseek", "glm", "chatglm", "kimi", "moonshot", "minimax", "farui", "gui-plus",
        "tongyi", "llama", "baichuan", "yi-", "step", "mimo", "unisound", "decision-model", "abab", "bailian",
        "fun-asr-flash-20",
    ]

    /// Names whose operations are not conversations.
    private static let otherOperations = [
        "-tts", "-image", "-embedding", "-rerank", "realtime", "filetrans", "livetranslate",
    ]

    private static func path(of name: String) -> Path {
        let marks = ["-vl", "qvq", "-audio", "-omni", "-ocr", "-asr", "-vision"]
        if marks.contains(where: name.contains) { return .multimodal }
        if name.hasPrefix("gui-plus") || name.hasPrefix("kimi-k3") || name.hasPrefix("deepseek-v4.1") {
            return .multimodal
        }
        if ["qwen3.7-max", "qwen3.6-max", "qwen3.8-2.4t"].contains(where: name.hasPrefix) { return .text }
        if qwenVersion(of: name) >= 3.5 || name.hasPrefix("kimi-k2.") { return .multimodal }
        return .text
    }

    private static func kind(of name: String) -> Kind {
        if name.contains("qwen-mt") { return .translation }
        if name.hasPrefix("qwen-long") { return .longContext }
        if name.hasPrefix("qwen-doc") { return .document }
        if name.contains("deep-research") { return .deepResearch }
        if name.contains("-ocr") { return .ocr }
        if name.contains("captioner") { return .captioner }
        if name.contains("-asr") { return .speechRecognition }
        if name.contains("-omni") { return .omni }
        if name.contains("-audio") { return .audio }
        if name.contains("-vl") || name.contains("qvq") || name.contains("vision") { return .vision }
        return .general
    }

    private static func thinking(of name: String, kind: Kind) -> Thinking {
        switch kind {
        case .translation, .longContext, .document, .ocr, .captioner, .speechRecognition, .audio: return .never
        case .deepResearch: return .never
        case .omni: return name.contains("qwen3-omni") || name.contains("qwen3.8-omni") ? .offByDefault : .never
        case .general, .vision: break
        }
        let always = ["qwq", "qvq", "deepseek-r1", "kimi-k2-thinking", "minimax-m2", "qwen3.7-max-preview"]
        if always.contains(where: name.hasPrefix) || name.contains("-thinking") { return .always }
        if name.contains("-instruct") || name.contains("-coder") || name.contains("-character") { return .never }
        if qwenVersion(of: name) >= 3.5 || name.hasPrefix("glm-") || isOpenHybrid(name) { return .onByDefault }
        // The first snapshots of the commercial models came before thinking.
        if ["qwen-plus-0", "qwen-plus-1", "qwen-plus-2024"].contains(where: name.hasPrefix) { return .never }
        let off = [
            "qwen-plus", "qwen-flash", "qwen-turbo", "qwen3-max", "qwen3-vl-plus", "qwen3-vl-flash", "deepseek-v3.",
            "deepseek-v4", "kimi-k2.", "kimi-k3",
        ]
        return off.contains(where: name.hasPrefix) ? .offByDefault : .never
    }

    private static func streamRule(of name: String, kind: Kind, thinking: Thinking) -> StreamRule {
        let only = "This model only support stream mode, please enable the stream parameter to access the model. "
        if kind == .omni || kind == .deepResearch || name.hasPrefix("qwq") || name.hasPrefix("qvq") { return .required }
        if isOpenHybrid(name) {
            return .requiredWhileThinking("parameter.enable_thinking must be set to false for non-streaming calls")
        }
        if thinking == .always, name.hasPrefix("qwen3-"), !name.hasPrefix("qwen3-vl") {
            return .requiredWhileThinking(only)
        }
        if thinking == .offByDefault, ["qwen-plus", "qwen-flash", "qwen-turbo"].contains(where: name.hasPrefix) {
            return .requiredWhileThinking("parameter.enable_thinking only support stream call")
        }
        return .optional
    }

    /// The open-source Qwen3 hybrids, such as `qwen3-32b` and `qwen3-235b-a22b`.
    private static func isOpenHybrid(_ name: String) -> Bool {
        guard name.hasPrefix("qwen3-"), let digit = name.dropFirst(6).first, digit.isNumber else { return false }
        return !name.contains("-instruct") && !name.contains("-thinking")
    }

    /// The N.M of `qwenN.M-…`, 0 for other names.
    private static func qwenVersion(of name: String) -> Double {
        guard name.hasPrefix("qwen") else { return 0 }
        return Double(name.dropFirst(4).prefix { $0.isNumber || $0 == "." }) ?? 0
    }

    private static func limits(of name: String) -> (input: Int, output: Int) {
        let table: [(prefix: String, input: Int, output: Int)] = [
            ("qwen-max", 30_720, 8_192), ("qwen-plus-character", 32_768, 4_096), ("qwen-plus-0", 129_024, 8_192),
            ("qwen-plus-1", 129_024, 8_192), ("qwen-plus", 997_952, 32_768), ("qwen-flash-character", 8_000, 4_096),
            ("qwen-flash", 997_952, 32_768), ("qwen-turbo", 98_304, 16_384), ("qwen-long", 10_000_000, 8_192),
            ("qwen-doc", 253_952, 8_192), ("qwen-math", 3_072, 3_072), ("qwen-mt", 8_192, 8_192),
            ("qwq", 98_304, 8_192), ("qvq", 106_496, 8_192), ("qwen-vl-ocr", 30_000, 8_192),
            ("qwen-vl", 129_024, 8_192), ("qwen3-vl-plus", 260_096, 32_768), ("qwen3-vl-flash", 260_096, 32_768),
            ("qwen3-vl", 129_024, 32_768), ("qwen3-coder", 204_800, 65_536), ("qwen3-max", 258_048, 65_536),
            ("qwen3-235b-a22b-instruct", 129_024, 32_768), ("qwen3-235b", 129_024, 16_384),
            ("qwen3-next", 129_024, 32_768), ("qwen3-omni", 49_152, 16_384), ("qwen3.8", 991_808, 131_072),
            ("qwen3.7", 991_808, 65_536), ("qwen3.6", 991_808, 65_536), ("qwen3.5", 991_808, 65_536),
            ("qwen3-", 129_024, 32_768), ("deepseek-v4", 1_000_000, 393_216), ("deepseek-r1", 98_304, 16_384),
            ("deepseek-v3.", 98_304, 65_536), ("deepseek", 57_344, 8_192), ("glm-5", 202_745, 131_072),
            ("glm-4.7", 169_984, 16_384), ("glm", 98_304, 16_384), ("kimi-k3", 1_048_576, 1_048_576),
            ("kimi", 229_376, 16_384), ("minimax", 196_608, 131_072), ("farui", 12_000, 2_000),
        ]
        let row = table.first { name.hasPrefix($0.prefix) }
        return (row?.input ?? 129_024, row?.output ?? 8_192)
    }
}
