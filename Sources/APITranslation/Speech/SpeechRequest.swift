import WireFormats

/// A request whose text becomes speech: one native call for each part of the text, made one after the other.
package final class SpeechRequest: TranslatedRequest {
    package var calls: [NativeCall]
    /// The model name the client used.
    package let model: String
    package let adjustments: AdjustmentList
    package let format: SpeechFormat
    /// Whether the client reads events; otherwise the answer is the audio itself.
    package let streamsEvents: Bool
    /// Whether the caller has asked for a rate of samples, so that any is right.
    private let hasOwnRate: Bool
    /// The rate that the caller has asked for.
    private let rate: UInt32?

    init(
        calls: [NativeCall],
        model: String,
        adjustments: AdjustmentList,
        format: SpeechFormat,
        streamsEvents: Bool,
        hasOwnRate: Bool,
        rate: UInt32? = nil
    ) {
        self.calls = calls
        self.model = model
        self.adjustments = adjustments
        self.format = format
        self.streamsEvents = streamsEvents
        self.hasOwnRate = hasOwnRate
        self.rate = rate
    }

    /// A reader of the answer to one call, which writes the audio: samples without a header, or what the format is.
    package func makePart() -> SpeechPart {
        SpeechPart(
            format: format,
            bare: rate.map { WaveFormat(rate: $0) } ?? SpeechFormat.plain,
            wantsPlainRate: format == .pcm && !hasOwnRate
        )
    }

    /// Makes the client's bytes of the audio of all parts.
    package func makeReply() -> SpeechReply { SpeechReply(format: format, streamsEvents: streamsEvents) }

    /// The place of one call's text in the caller's, for the error of that call.
    package func place(ofPart index: Int) -> String { "part \(index + 1) of \(calls.count) of the input" }

    /// The caller's name of a native parameter that upstream names in an error.
    package func name(of parameter: String) -> String {
        switch parameter {
        case "messages", "text": "input"
        case "rate", "speech_rate": "speed"
        case "pitch_rate": "pitch"
        case "instruction": "instructions"
        case "format", "session.response_format": "response_format"
        default: parameter
        }
    }
}
