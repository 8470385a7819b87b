/// What the documentation says of one model that speaks.
struct SpeechProfile: Sendable {
    enum Path: String, Sendable {
        case multimodal = "/api/v1/services/aigc/multimodal-generation/generation"
        /// Over WebSocket, too: see ``task``.
        case synthesizer = "/api/v1/services/audio/tts/SpeechSynthesizer"
        /// Tasks over WebSocket.
        case task = "/api-ws/v1/inference"
        /// Events over WebSocket.
        case realtime = "/api-ws/v1/realtime"
    }

    /// Whose voices the model has.
    enum Voices: Sendable {
        case only([String])
        /// Presets are known by their names, and voices that were made for this model by the name in them.
        case presetsAndOwn([String])
        case own
    }

    var path: Path
    var voices: Voices
    /// In Unicode scalars, Chinese characters twice.
    var longestText: Int
    var takesInstructions = false
    var longestInstruction = Int.max
    /// Whether usage counts tokens.
    var countsTokens = false
    var formats = SpeechOrder.Format.allCases
    var usualFormat = SpeechOrder.Format.mp3
    var usualRate = 22_050
    /// Whether only the usual rate is made.
    var hasOneRate = false
    /// Whether the model's name is its voice, and its text comes with the order.
    var isVoice = false

    /// Whether tasks over WebSocket make speech with the model.
    var hasTasks: Bool { path == .synthesizer || path == .task }

    static func named(_ name: String) -> SpeechProfile? {
        let dated = name.split(separator: "-")
        let isDated = dated.count > 3 && dated.suffix(3).allSatisfy { $0.allSatisfy(\.isNumber) }
        return profile(isDated ? dated.dropLast(3).joined(separator: "-") : name, name)
    }

    private static let four = ["Cherry", "Serena", "Ethan", "Chelsie"]
    private static let mandarin =
        four + [
            "Momo", "Vivian", "Moon", "Maia", "Kai", "Nofish", "Bella", "Eldric Sage", "Mia", "Mochi", "Bellona",
            "Vincent", "Bunny", "Neil", "Elias", "Arthur", "Nini", "Seren", "Pip", "Stella",
        ]
    private static let many =
        mandarin + [
            "Jennifer", "Ryan", "Katerina", "Aiden", "Ebona", "Andre", "Jada", "Dylan", "Li", "Marcus", "Roy", "Peter",
            "Sunny", "Eric", "Rocky", "Kiki", "Bodega", "Sonrisa", "Alek", "Dolce", "Sohee", "Ono Anna", "Lenn",
            "Emilien", "Radio Gol",
        ]

    private static func profile(_ name: String, _ full: String) -> SpeechProfile? {
        func qwen(_ voices: Voices, takesInstructions: Bool = false) -> SpeechProfile {
            SpeechProfile(path: .multimodal, voices: voices, longestText: 600, takesInstructions: takesInstructions)
        }
        func synthesizer(_ voices: Voices, longestInstruction: Int = 100) -> SpeechProfile {
            SpeechProfile(
                path: .synthesizer,
                voices: voices,
                longestText: 20_000,
                takesInstructions: true,
                longestInstruction: longestInstruction
            )
        }
        func realtime(_ voices: Voices, takesInstructions: Bool = false) -> SpeechProfile {
            SpeechProfile(
                path: .realtime,
                voices: voices,
                longestText: 20_000,
                takesInstructions: takesInstructions,
                usualFormat: .pcm,
                usualRate: 24_000
            )
        }
        if let stem = voiceOfSambert(name) {
            return SpeechProfile(
                path: .task,
                voices: .only([stem]),
                longestText: 10_000,
                formats: [.wav, .mp3, .pcm],
                usualFormat: .wav,
                usualRate: 16_000,
                isVoice: true
            )
        }
        switch name {
        case "cosyvoice-v1":
            return SpeechProfile(
                path: .task,
                voices: .presetsAndOwn([
                    "longxiaochun", "longwan", "longhua", "longcheng", "loongstella", "loongbella",
                ]),
                longestText: 20_000
            )
        case "qwen-tts-realtime", "qwen-tts-realtime-latest":
            var profile = realtime(.only(four))
            profile.countsTokens = true
            profile.formats = [.pcm]
            profile.hasOneRate = true
            return profile
        case "qwen3-tts-flash-realtime": return realtime(.only(many))
        case "qwen3-tts-instruct-flash-realtime": return realtime(.only(mandarin), takesInstructions: true)
        case "qwen3-tts-vc-realtime", "qwen3-tts-vd-realtime": return realtime(.own)
        case "qwen-tts", "qwen-tts-latest":
            let isNew = name.hasSuffix("latest") || full == "qwen-tts-2025-05-22"
            return SpeechProfile(
                path: .multimodal,
                voices: .only(four + (isNew ? ["Dylan", "Jada", "Sunny"] : [])),
                longestText: 2_048,
                countsTokens: true
            )
        case "qwen3-tts-flash": return qwen(.only(many))
        case "qwen3-tts-instruct-flash": return qwen(.only(mandarin), takesInstructions: true)
        case "qwen3-tts-vc", "qwen3-tts-vd": return qwen(.own)
        case "cosyvoice-v2":
            return synthesizer(.presetsAndOwn(["longxiaochun_v2", "longwan_v2", "longcheng_v2", "longhua_v2"]))
        case "cosyvoice-v3-flash":
            return synthesizer(.presetsAndOwn(["longanyang", "longanhuan", "longhuhu_v3", "longxiaochun_v3"]))
        case "cosyvoice-v3-plus": return synthesizer(.presetsAndOwn(["longanyang", "longanhuan"]))
        case "cosyvoice-v3.5-flash", "cosyvoice-v3.5-plus": return synthesizer(.own)
        case "qwen-audio-3.0-tts-plus":
            return synthesizer(.presetsAndOwn(["longanlingxin", "longanlufeng"]), longestInstruction: .max)
        case "qwen-audio-3.0-tts-flash":
            return synthesizer(
                .presetsAndOwn(["longanfengyue", "longanlingxi", "longanxiaoxin", "longanyuanfei"]),
                longestInstruction: .max
            )
        case "qwen-audio-3.1-tts-flash", "qwen-audio-3.1-tts-next": return synthesizer(.own, longestInstruction: .max)
        default: return nil
        }
    }

    private static let stemsOfSambert =
        "beth betty brian cally camila cindy clara donna eva hanna indah perla waan zhichu zhida zhide zhifei zhigui "
        + "zhihao zhijia zhijing zhilun zhimao zhimiao-emo zhiming zhimo zhina zhinan zhiqi zhiqian zhiru zhishu zhishuo "
        + "zhistella zhiting zhiwei zhixiang zhixiao zhiya zhiye zhiying zhiyuan zhiyue"

    /// The voice in the name of a Sambert model.
    private static func voiceOfSambert(_ name: String) -> String? {
        guard name.hasPrefix("sambert-"), name.hasSuffix("-v1") else { return nil }
        let stem = String(name.dropFirst(8).dropLast(3))
        return stemsOfSambert.split(separator: " ").contains { $0 == stem } ? stem : nil
    }

    /// Whether the model speaks with a voice; voices that a caller has made carry the name of their model.
    func has(_ voice: String, model: String) -> Bool {
        let isOwn = voice.hasPrefix("\(model)-") && voice.count > model.count + 1
        return switch voices {
        case .only(let names): names.contains(voice)
        case .presetsAndOwn(let names): names.contains(voice) || isOwn
        case .own: isOwn || voice.hasPrefix("my-")
        }
    }
}
