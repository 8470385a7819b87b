import ByteWriting
import JSONBytes
import NIOCore

/// Reads the answer of a model that is asked with a message, whole or streamed.
final class MessageTranscript: FollowedReply {
    private let context: TranscriptContext
    private var reader: NativeReplyReader<TranscriptSink>
    private var transcript: Transcript?

    init(context: TranscriptContext) {
        self.context = context
        reader = Self.makeReader(context, isWhole: false)
    }

    private static func makeReader(_ context: TranscriptContext, isWhole: Bool) -> NativeReplyReader<TranscriptSink> {
        NativeReplyReader(
            context: NativeReplyContext(created: 0, isCumulative: context.repeatsText),
            isWhole: isWhole,
            sink: TranscriptSink(isStreamed: context.isStreamed)
        )
    }

    func receive(
        _ data: UnsafeRawBufferPointer,
        isError: Bool,
        status: Int?,
        tape: JSONTape,
        into output: inout ByteBuffer
    ) -> ReplyOutcome {
        swap(&reader.sink.output, &output)
        defer { swap(&reader.sink.output, &output) }
        return reader.receive(data, isError: isError, status: status, tape: tape)
    }

    func receive(whole body: UnsafeRawBufferPointer, tape: JSONTape, into output: inout ByteBuffer) -> ReplyOutcome {
        reader = Self.makeReader(context, isWhole: true)
        return receive(body, isError: false, status: nil, tape: tape, into: &output)
    }

    func finish(into output: inout ByteBuffer) -> APIError? {
        if let error = reader.finish() {
            return reader.isWhole ? ErrorTable.invalidResponse(requestID: reader.requestIDText) : error
        }
        let transcript = reader.sink.transcript
        self.transcript = transcript
        guard !TranscriptTranslation.isNeeded(for: transcript, context) else { return nil }
        let writer = TranscriptWriter(context: context, transcript: transcript)
        if context.isStreamed { writer.writeDone(into: &output) } else { writer.write(into: &output) }
        return nil
    }

    func following() -> FollowingCall? {
        transcript.flatMap { TranscriptTranslation.call(for: $0, context) }
    }

    func fail(_ error: APIError, into output: inout ByteBuffer) { output.writeErrorEvent(error) }
    func keepAlive(into output: inout ByteBuffer) { output.writeKeepAlive() }

    var facts: ReplyFacts { reader.facts }
}

/// Collects the text that a model has heard, and tells it piece by piece.
struct TranscriptSink: ReplySink {
    private let isStreamed: Bool
    var output = ByteBuffer()
    /// The inside of a JSON string.
    private var text = ByteBuffer()
    private(set) var transcript = Transcript()

    init(isStreamed: Bool) { self.isStreamed = isStreamed }

    mutating func content(_ piece: UnsafeRawBufferPointer, choice: Int, logprobs: Logprobs?) {
        guard choice == 0, !piece.isEmpty else { return }
        text.append(bytes: piece)
        guard isStreamed else { return }
        output.append("data: {\"type\":\"transcript.text.delta\",\"delta\":\"", piece, "\"}\n\n")
    }

    mutating func closing(_ closing: ChoiceClosing, choice: Int, tape: JSONTape) {
        guard choice == 0 else { return }
        closing.message.write(into: &transcript.members)
        guard let annotations = closing.message.value("annotations") else { return }
        annotations.withUnsafeBytes { bytes in
            guard let list = try? tape.parse(bytes) else { return }
            transcript.language = list.elements.lazy.compactMap { $0["language"]?.string }.first { !$0.isEmpty }
        }
    }

    mutating func end(_ ending: ReplyEnding, tape: JSONTape) {
        ending.extras.write(into: &transcript.members)
        ending.usage?.parts.last?.withUnsafeReadableBytes { bytes in
            transcript.usage = TranscriptUsage(try? tape.parse(bytes))
        }
        var string = ByteBuffer()
        text.withUnsafeReadableBytes { string.append("\"", $0, "\"") }
        string.withUnsafeReadableBytes { transcript.text = (try? tape.parse($0))?.string ?? "" }
    }

    // A transcript has nothing else.
    mutating func begin(id: UnsafeRawBufferPointer, usage: JSONValue?) {}
    mutating func open(choice: Int) {}
    mutating func reasoning(_ text: UnsafeRawBufferPointer, choice: Int) {}
    mutating func openCall(_ call: ToolCallHead, arguments: UnsafeRawBufferPointer, choice: Int) {}
    mutating func arguments(_ text: UnsafeRawBufferPointer, call: Int, choice: Int) {}
    mutating func audio(_ text: UnsafeRawBufferPointer, choice: Int) {}
    mutating func extra(_ members: ExtraMembers, search: ExtraMembers?) {}
    mutating func research(_ report: ByteBuffer) {}
    mutating func finish(choice: Int, reason: FinishReason) {}
}
