package import JSONBytes
package import NIOCore

/// Folds a native stream into one whole reply, for models that only stream and for calls that take long.
package struct ChatStreamFolder: Sendable {
    package typealias Outcome = ReplyOutcome

    private var reader: NativeReplyReader<CompletionWriter>

    package init(context: ChatReplyContext) {
        reader = NativeReplyReader(context: context, isWhole: false, sink: CompletionWriter(context: context))
    }

    /// Takes one `data:` line; see ``ChatStreamTranslator/receive(_:isError:status:tape:into:)``.
    package mutating func receive(
        _ data: UnsafeRawBufferPointer,
        isError: Bool,
        status: Int?,
        tape: JSONTape
    ) -> Outcome {
        reader.receive(data, isError: isError, status: status, tape: tape)
    }

    /// Writes the `chat.completion`.
    ///
    /// - Returns: An error where upstream ended too early; nothing is written then.
    package mutating func finish(into output: inout ByteBuffer) -> APIError? {
        if let error = reader.finish() { return error }
        output.writeImmutableBuffer(reader.sink.output)
        return nil
    }

    package var facts: ReplyFacts { reader.facts }
}
