extension CatalogEntry {
    /// The traits for the translation: those stated here, and for the rest those that the name suggests.
    var traits: ModelTraits {
        if id.utf8.starts(with: ResolvedModel.appPrefix.utf8) { return .app }
        var traits = conversationTraits
        traits.isConversational = isConversational
        traits.kind = kind
        if kind == .embedding || kind == .rerank {
            traits.vectors = VectorTraits(
                dimensions: dimensions ?? [],
                maximumItems: maxItems,
                maximumRequestTokens: maxRequestTokens,
                isBatchOnly: isBatchOnly ?? false,
                fuses: fuses ?? false
            )
        }
        traits.image = image
        traits.transcription = recognition
        traits.video = video
        traits.speech = speech
        return traits
    }

    /// What is known of a model that writes down speech: what stands here, otherwise what is usual on its path.
    private var recognition: TranscriptionTraits? {
        guard kind == .speech, let output, output.contains(.text) else { return nil }
        if let transcription { return transcription }
        let sources: [(NativePath, TranscriptionTraits.Source)] = [
            (.multimodalGeneration, .message), (.fileTranscription, .links), (.webSocketInference, .session),
        ]
        return sources.first { paths.contains($0.0) }.map { TranscriptionTraits(TranscriptionTraits.Values($0.1)) }
    }

    /// Whether an endpoint of the gateway serves the model.
    var isServed: Bool {
        isConversational || (kind == .embedding || kind == .rerank) && isBatchOnly != true
            || kind == .image && image != nil || kind == .video && video != nil || speech != nil
            || recognition.map { $0.values.source != .session } ?? false
    }

    /// Whether a chat endpoint serves the model: chat models, and those of speech recognition that have its path.
    var isConversational: Bool {
        switch kind {
        case nil, .chat: true
        case .speech: paths.contains(.multimodalGeneration) && output?.contains(.text) == true
        default: false
        }
    }

    private var conversationTraits: ModelTraits {
        if let kind, kind != .chat, kind != .speech {
            // Not for chat: only the path counts, should somebody ask for it all the same.
            return ModelTraits(
                operation: operation ?? .textGeneration,
                thinking: thinking ?? .never,
                takesMedia: takesMedia,
                maxOutputTokens: maxOutputTokens
            )
        }
        let name = ModelName(ruleName)
        var traits: ModelTraits
        if let operation, let thinking {
            traits = ModelTraits(
                operation: operation,
                thinking: thinking,
                streamOnly: streamOnly
                    ?? (thinking == .never ? .no : ModelNameRules.streamOnly(of: name, thinking: thinking))
            )
            ModelNameRules.addFamilyTraits(of: name, to: &traits)
        } else {
            traits = ModelNameRules.traits(of: name)
            if let operation { traits.operation = operation }
            if let streamOnly { traits.streamOnly = streamOnly }
            if let thinking {
                traits.thinking = thinking
                ModelNameRules.addFamilyTraits(of: name, to: &traits)
                if streamOnly == nil {
                    traits.streamOnly = ModelNameRules.streamOnly(of: name, thinking: thinking)
                }
            }
        }
        // A flagged model that is about to go belongs to the old line, which knows `json_object` only.
        traits.takesJSONSchema = jsonSchema ?? (structuredOutput == true && retirement == nil)
        if let takesMedia { traits.takesMedia = takesMedia }
        traits.maxOutputTokens = maxOutputTokens
        if let textParts { traits.textParts = textParts }
        traits.takesSearch = webSearch
        if let fileIDs { traits.readsFiles = fileIDs }
        if let output, output.contains(.audio) { traits.writesAudio = true }
        return traits
    }

    private var takesMedia: Bool? {
        input.map { !$0.isDisjoint(with: .media) }
    }

    /// The native API; nil where neither the path nor the kind tells.
    private var operation: DashScopeOperation? {
        if paths.contains(.textEmbedding) { return .textEmbedding }
        if paths.contains(.multimodalEmbedding) { return .multimodalEmbedding }
        if paths.contains(.rerank) { return .rerank }
        if paths.contains(.speechSynthesizer) { return .speechSynthesis }
        if speech != nil, paths.contains(.webSocketInference) { return .speechTask }
        if speech != nil, paths.contains(.webSocketRealtime) { return .speechRealtime }
        if kind == .image { return paths.lazy.compactMap(\.imageOperation).first }
        if kind == .video { return paths.lazy.compactMap(\.videoOperation).first }
        if paths.contains(.multimodalGeneration) { return .multimodalGeneration }
        if paths.contains(.textGeneration) { return .textGeneration }
        if paths.contains(.compatibleChat), let input {
            // A native path is not documented; this is where such models would be.
            return input.isDisjoint(with: .media) ? .textGeneration : .multimodalGeneration
        }
        return nil
    }
}
