package import JSONBytes
package import NIOCore

/// Translates a native stream, event by event, into OpenAI's chunks.
///
/// Holds nothing of the answer but what later events need: names of open tool calls, positions of citations, the
/// last usage. Closing chunks are written by ``finish(into:)``, when it is certain that nothing follows.
package struct ChatStreamTranslator: Sendable {
    package typealias Outcome = ReplyOutcome

    private var reader: NativeReplyReader<ChunkWriter>

    package init(context: ChatReplyContext) {
        reader = NativeReplyReader(context: context, isWhole: false, sink: ChunkWriter(context: context))
    }

    /// Translates one `data:` line.
    ///
    /// A line whose JSON is not complete is kept and joined with the next one.
    ///
    /// - Parameters:
    ///   - data: The text behind `data:`.
    ///   - isError: Whether the event is an `event:error`.
    ///   - status: The number of the `:HTTP_STATUS/NNN` line, if there was one.
    ///   - tape: Scratch memory.
    ///   - output: Takes the chunks.
    /// - Returns: Whether the event was taken.
    package mutating func receive(
        _ data: UnsafeRawBufferPointer,
        isError: Bool,
        status: Int?,
        tape: JSONTape,
        into output: inout ByteBuffer
    ) -> Outcome {
        swap(&reader.sink.output, &output)
        defer { swap(&reader.sink.output, &output) }
        return reader.receive(data, isError: isError, status: status, tape: tape)
    }

    /// Writes what ends the stream, `data: [DONE]` included.
    ///
    /// - Returns: An error where upstream ended too early; nothing is written then.
    package mutating func finish(into output: inout ByteBuffer) -> APIError? {
        swap(&reader.sink.output, &output)
        defer { swap(&reader.sink.output, &output) }
        return reader.finish()
    }

    package var facts: ReplyFacts { reader.facts }
}
