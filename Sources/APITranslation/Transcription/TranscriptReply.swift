import ByteWriting
import JSONBytes
import NIOCore

/// The facts of a request that its transcript needs.
struct TranscriptContext: Sendable {
    var format: TranscriptFormat
    /// The code of the language that the caller named.
    var language: String?
    var temperature: Double
    var givesWords: Bool
    var givesSegments: Bool
    var isStreamed: Bool
    /// Whether the transcript is a document behind a link.
    var isTask: Bool
    /// Whether an event may repeat the text before it; nobody knows of some models.
    var repeatsText: Bool
    /// Whether marks of sounds and moods are cut out of the text.
    var cutsMarks: Bool
    /// The model that puts the text into English; nil where it stays as it is.
    var translator: String?
}

/// Makes the answer of `POST /v1/audio/transcriptions` of the one native answer.
final class TranscriptReply: SplitReply {
    private let context: TranscriptContext

    private let names: MemberNames

    init(context: TranscriptContext, names: MemberNames) {
        self.context = context
        self.names = names
    }

    var contentType: StaticString { context.format.contentType }

    func makePart(_ index: Int) -> any ReplyTranslating {
        context.isTask ? TaskTranscript(context: context) : MessageTranscript(context: context)
    }

    func place(ofPart index: Int) -> String { "file" }

    func member(of error: APIError) -> String? { names.member(of: error) }

    func code(of error: APIError) -> String? { error.code == "invalid_image_url" ? "invalid_file" : error.code }

    // One part is the whole answer.
    func begin(requestID: String, into output: inout ByteBuffer) {}
    func end(requestID: String, into output: inout ByteBuffer) {}
}
