import JSONBytes
import NIOCore

/// Writes a face's stream.
protocol StreamWriter: ReplySink {
    associatedtype Context: ReplyContext
    init(context: Context)
    /// Events that have not been taken yet.
    var output: ByteBuffer { get set }
    mutating func keepAlive()
    mutating func fail(_ error: APIError)
}

/// Translates a native stream, event by event, into a face's stream.
///
/// Holds nothing of the answer but what later events need: names of open tool calls, positions of citations, the
/// last usage. What closes the stream is written by ``finish(into:)``, when it is certain that nothing follows.
final class StreamTranslation<Writer: StreamWriter> {
    private var reader: NativeReplyReader<Writer>

    init(context: Writer.Context, native: NativeReplyContext) {
        reader = NativeReplyReader(context: native, isWhole: false, sink: Writer(context: context))
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

    /// Everything in one piece, where a stream was asked for, is a stream of one event.
    func receive(whole body: UnsafeRawBufferPointer, tape: JSONTape, into output: inout ByteBuffer)
        -> ReplyOutcome
    {
        receive(body, isError: false, status: nil, tape: tape, into: &output)
    }

    func finish(into output: inout ByteBuffer) -> APIError? {
        swap(&reader.sink.output, &output)
        defer { swap(&reader.sink.output, &output) }
        return reader.finish()
    }

    /// Lets the writer append what upstream did not say.
    func write(into output: inout ByteBuffer, _ body: (inout Writer) -> Void) {
        swap(&reader.sink.output, &output)
        defer { swap(&reader.sink.output, &output) }
        body(&reader.sink)
    }

    func fail(_ error: APIError, into output: inout ByteBuffer) { write(into: &output) { $0.fail(error) } }

    func keepAlive(into output: inout ByteBuffer) { write(into: &output) { $0.keepAlive() } }

    var facts: ReplyFacts { reader.facts }
}
