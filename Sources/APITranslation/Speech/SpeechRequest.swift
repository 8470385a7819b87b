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
    /// By which errors name what upstream complains about.
    private let names: MemberNames
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
        names: MemberNames,
        hasOwnRate: Bool,
        rate: UInt32? = nil
    ) {
        self.calls = calls
        self.model = model
        self.adjustments = adjustments
        self.format = format
        self.streamsEvents = streamsEvents
        self.names = names
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

    /// The caller's member that an error of upstream's is about.
    package func member(of error: APIError) -> String? { names.member(of: error) }

    /// The place of one call's text in the caller's, for the error of that call.
    package func place(ofPart index: Int) -> String { "part \(index + 1) of \(calls.count) of the input" }
}
