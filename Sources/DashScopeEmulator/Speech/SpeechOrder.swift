/// What a request for speech asks for, checked against what its model has.
struct SpeechOrder: Sendable {
    enum Format: String, Sendable, CaseIterable {
        case mp3, pcm, wav, opus
    }

    var text: String
    var format = Format.wav
    var rate = 24_000
    /// How much faster than usual.
    var speed = 1.0
    /// Another sound for each voice.
    var voice: String

    init(_ request: OperationRequest, profile: SpeechProfile) throws(Refusal) {
        guard let text = request.input["text"]?.string else {
            throw .invalid("Required parameter \"text\" missing from request.")
        }
        try Self.check(text: text, profile)
        try self.init(settings: request, profile: profile)
        self.text = text
    }

    /// Reads all but the text, which comes later.
    init(settings request: OperationRequest, profile: SpeechProfile) throws(Refusal) {
        text = ""
        if profile.isVoice {
            voice = request.model
        } else {
            guard let voice = request.input["voice"]?.string else {
                throw profile.path == .task
                    ? .invalid("Request voice is invalid!")
                    : .invalid("Required parameter \"voice\" missing from request.")
            }
            self.voice = voice
            try Self.check(voice: voice, request, profile)
        }
        switch profile.path {
        case .multimodal: try readQwen(request, profile)
        case .synthesizer, .task, .realtime: try readSynthesizer(request, profile)
        }
    }

    static func check(text: String, _ profile: SpeechProfile) throws(Refusal) {
        guard text.contains(where: { !$0.isWhitespace }) else { throw .invalid("Please ensure input text is valid.") }
        guard length(of: text) <= profile.longestText else {
            throw .algorithm("Range of input length should be [0, \(profile.longestText)]")
        }
    }

    /// Chinese characters count twice.
    static func length(of text: String) -> Int {
        text.unicodeScalars.reduce(0) { $0 + ((0x4E00...0x9FFF).contains($1.value) ? 2 : 1) }
    }

    private static func check(voice: String, _ request: OperationRequest, _ profile: SpeechProfile) throws(Refusal) {
        guard !profile.has(voice, model: request.model) else { return }
        switch profile.path {
        case .multimodal, .realtime:
            throw Refusal(
                status: 400,
                code: "InvalidParameter",
                message: "The requested voice '\(voice)' is not supported.",
                mayComeAsEvent: true
            )
        case .synthesizer, .task: throw .invalid("[tts:]Engine return error code: 418")
        }
    }

    private mutating func readQwen(_ request: OperationRequest, _ profile: SpeechProfile) throws(Refusal) {
        for name in ["format", "response_format", "sample_rate", "rate", "speed"] where request.input[name] != nil {
            throw .invalid("input.\(name) is not supported by this model")
        }
        _ = try request.word(
            "language_type",
            among: [
                "Auto", "Chinese", "English", "German", "Italian", "Portuguese", "Spanish", "Japanese", "Korean",
                "French", "Russian",
            ]
        )
        if request.input["instructions"] != nil, !profile.takesInstructions {
            throw .invalid("input.instructions is not supported by this model")
        }
    }

    private mutating func readSynthesizer(_ request: OperationRequest, _ profile: SpeechProfile) throws(Refusal) {
        let input = request.input
        let formats = profile.formats.map(\.rawValue)
        format = try request.word("format", among: formats).flatMap(Format.init) ?? profile.usualFormat
        rate = profile.usualRate
        if let value = input["sample_rate"] {
            let rates = profile.hasOneRate ? [profile.usualRate] : [8_000, 16_000, 22_050, 24_000, 44_100, 48_000]
            guard let number = value.int, rates.contains(number) else {
                throw .invalid("input.sample_rate is not supported")
            }
            rate = number
        }
        for name in ["rate", "pitch"] {
            guard let value = input[name] else { continue }
            guard let number = value.number, (0.5...2).contains(number) else {
                throw .invalid("input.\(name) must be in [0.5, 2.0]")
            }
            if name == "rate" { speed = number }
        }
        _ = try request.integer("volume", in: 0...100, of: input)
        _ = try request.integer("seed", in: 0...65_535, of: input)
        _ = try request.integer("bit_rate", in: 6...510, of: input)
        if let value = input["instruction"] ?? input["instructions"] {
            guard let instruction = value.string else { throw .wrongType("instruction", "a string") }
            guard profile.takesInstructions, instruction.count <= profile.longestInstruction else {
                throw .invalid("[tts:]Engine return error code: 428")
            }
        }
    }
}

extension OperationRequest {
    /// Reads a word of `input`, which must be one of a few.
    fileprivate func word(_ name: String, among allowed: [String]) throws(Refusal) -> String? {
        guard let value = input[name] else { return nil }
        guard let text = value.string, allowed.contains(text) else {
            throw .invalid("input.\(name) must be one of \(JSON.array(allowed.map(JSON.string)).spacedText)")
        }
        return text
    }
}
