import JSONBytes
import NIOCore

/// The replies of one face: streamed or whole.
///
/// A face is a class that is not generic, so that the reader is compiled for its writers: a generic class behind a
/// protocol is not specialised, which costs a quarter more for each event.
protocol FaceReply: ReplyTranslating {
    associatedtype Stream: StreamWriter
    associatedtype Whole: WholeWriter
    /// Nil where the client reads a whole answer.
    var stream: StreamTranslation<Stream>? { get }
    /// Nil where the client reads a stream.
    var whole: WholeTranslation<Whole>? { get }
}

extension FaceReply {
    func receive(
        _ data: UnsafeRawBufferPointer,
        isError: Bool,
        status: Int?,
        tape: JSONTape,
        into output: inout ByteBuffer
    ) -> ReplyOutcome {
        if let stream { return stream.receive(data, isError: isError, status: status, tape: tape, into: &output) }
        return whole?.receive(data, isError: isError, status: status, tape: tape) ?? .complete
    }

    func receive(whole body: UnsafeRawBufferPointer, tape: JSONTape, into output: inout ByteBuffer) -> ReplyOutcome {
        if let stream { return stream.receive(whole: body, tape: tape, into: &output) }
        return whole?.receive(whole: body, tape: tape) ?? .complete
    }

    func finish(into output: inout ByteBuffer) -> APIError? {
        if let stream { return stream.finish(into: &output) }
        return whole?.finish(into: &output)
    }

    // Nothing leaves before the whole.
    func fail(_ error: APIError, into output: inout ByteBuffer) { stream?.fail(error, into: &output) }
    func keepAlive(into output: inout ByteBuffer) { stream?.keepAlive(into: &output) }

    var facts: ReplyFacts { stream?.facts ?? whole?.facts ?? ReplyFacts() }
}
