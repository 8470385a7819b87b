extension AnswerComposer {
    /// Counts what was sent.
    func meter() -> UsageMeter {
        var meter = UsageMeter(style: request.model.usageStyle, thinks: request.thinks)
        meter.textInput = 8 + request.messages.reduce(0) { $0 + 4 + Tokens.count($1.text) }
        meter.textInput += request.tools.reduce(0) { $0 + Tokens.count($1.text) }
        for media in request.messages.flatMap(\.media) {
            switch media.kind {
            case .image: meter.imageInput += parameters["vl_high_resolution_images"]?.bool == true ? 2_503 : 1_247
            case .audio: meter.audioInput += 75
            case .video: meter.videoInput += 800
            }
        }
        meter.promptDetails = promptDetails()
        return meter
    }

    private func promptDetails() -> JSON? {
        if let details = cache.details() { return details }
        switch (request.model.usageStyle, request.variant(1, of: 3)) {
        case (.minimal, _), (.text, 0): return nil
        case (.detailed, 0): return .object([])
        default: return ["cached_tokens": 0]
        }
    }
}
