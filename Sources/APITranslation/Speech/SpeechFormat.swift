import WireFormats

/// A form of audio that a caller may ask for.
package enum SpeechFormat: String, Sendable, CaseIterable {
    case mp3, opus, aac, flac, wav, pcm

    package var contentType: StaticString {
        switch self {
        case .mp3: "audio/mpeg"
        case .opus: "audio/opus"
        case .aac: "audio/aac"
        case .flac: "audio/flac"
        case .wav: "audio/wav"
        case .pcm: "audio/pcm"
        }
    }

    /// Whether it is made of samples as they are: one of these can be made of the other.
    var isPlain: Bool { self == .wav || self == .pcm }

    /// OpenAI's samples: 24 kHz, 16 bits, one channel.
    static let plain = WaveFormat(rate: 24_000)
}
