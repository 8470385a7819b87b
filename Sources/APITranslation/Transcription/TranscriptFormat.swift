/// The form of a transcript, `response_format`.
enum TranscriptFormat: String, Sendable, CaseIterable {
    case json, text, srt, vtt
    case verbose = "verbose_json"
    case diarized = "diarized_json"

    /// Whether it has times, which only tasks give.
    var hasTimes: Bool {
        switch self {
        case .json, .text: false
        case .srt, .vtt, .verbose, .diarized: true
        }
    }

    /// Whether it can be told piece by piece.
    var streams: Bool { self == .json || self == .text || self == .diarized }

    var contentType: StaticString {
        switch self {
        case .json, .verbose, .diarized: "application/json"
        case .text, .srt: "text/plain; charset=utf-8"
        case .vtt: "text/vtt; charset=utf-8"
        }
    }
}
