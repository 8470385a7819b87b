import ByteWriting
import JSONBytes
import NIOCore

/// Puts a transcript into English: a second call, of a model that translates texts.
///
/// DashScope has no model that hears one language and writes another, but in realtime sessions.
enum TranscriptTranslation {
    /// Whether a transcript has to be translated: it says something, and not in English.
    static func isNeeded(for transcript: Transcript, _ context: TranscriptContext) -> Bool {
        context.translator != nil && !transcript.text.isEmpty && (transcript.language ?? context.language) != "en"
    }

    static func call(for transcript: Transcript, _ context: TranscriptContext) -> FollowingCall? {
        guard let model = context.translator, isNeeded(for: transcript, context) else { return nil }
        var body = ByteBuffer()
        body.append("{\"model\":")
        body.writeJSON(model)
        body.append(",\"input\":{\"messages\":[{\"role\":\"user\",\"content\":")
        body.writeJSON(transcript.text)
        body.append(
            "}]},\"parameters\":{\"result_format\":\"message\",\"translation_options\":{\"source_lang\":\"auto\",\"target_lang\":\"English\"}}}"
        )
        return FollowingCall(
            call: NativeCall(operation: .textGeneration, upstreamModel: model, body: body),
            reply: TranslatedTranscript(context: context, heard: transcript)
        )
    }
}

/// Reads the English text, and writes the answer with the facts of what was heard.
final class TranslatedTranscript: ReplyTranslating {
    private let context: TranscriptContext
    private let heard: Transcript
    private var reader: NativeReplyReader<TranscriptSink>

    init(context: TranscriptContext, heard: Transcript) {
        self.context = context
        self.heard = heard
        reader = Self.makeReader(isWhole: false)
    }

    private static func makeReader(isWhole: Bool) -> NativeReplyReader<TranscriptSink> {
        NativeReplyReader(
            context: NativeReplyContext(created: 0, isCumulative: true),
            isWhole: isWhole,
            sink: TranscriptSink(isStreamed: false)
        )
    }

    func receive(
        _ data: UnsafeRawBufferPointer,
        isError: Bool,
        status: Int?,
        tape: JSONTape,
        into output: inout ByteBuffer
    ) -> ReplyOutcome {
        reader.receive(data, isError: isError, status: status, tape: tape)
    }

    func receive(whole body: UnsafeRawBufferPointer, tape: JSONTape, into output: inout ByteBuffer) -> ReplyOutcome {
        reader = Self.makeReader(isWhole: true)
        return receive(body, isError: false, status: nil, tape: tape, into: &output)
    }

    func finish(into output: inout ByteBuffer) -> APIError? {
        if let error = reader.finish() {
            return reader.isWhole ? ErrorTable.invalidResponse(requestID: reader.requestIDText) : error
        }
        var transcript = heard
        transcript.text = reader.sink.transcript.text
        transcript.language = "en"
        transcript.segments = []
        TranscriptWriter(context: context, transcript: transcript).write(into: &output)
        return nil
    }

    // The client reads a whole answer.
    func fail(_ error: APIError, into output: inout ByteBuffer) {}
    func keepAlive(into output: inout ByteBuffer) {}

    var facts: ReplyFacts { reader.facts }
}
