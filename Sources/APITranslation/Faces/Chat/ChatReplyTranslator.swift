package import JSONBytes
package import NIOCore

/// Translates a whole native reply into a `chat.completion`.
package enum ChatReplyTranslator {
    /// Translates the body of an answer with status 200.
    ///
    /// - Returns: What is known of the answer, or the refusal that the body is: DashScope also refuses with status
    ///   200 and a `code`. Nothing is written then.
    package static func translate(
        _ body: UnsafeRawBufferPointer,
        context: ChatReplyContext,
        tape: JSONTape,
        into output: inout ByteBuffer
    ) -> Result<ReplyFacts, APIError> {
        let root: JSONValue
        do {
            root = try tape.parse(body)
        } catch {
            guard JSONRepair.canMend(error) else { return .failure(ErrorTable.invalidResponse(requestID: nil)) }
            let mended = JSONRepair.mended(body)
            return mended.withUnsafeReadableBytes { bytes in
                guard let root = try? tape.parse(bytes) else {
                    return .failure(ErrorTable.invalidResponse(requestID: nil))
                }
                return translateGenerally(root, context: context, tape: tape, into: &output)
            }
        }
        if let facts = PlainReply.translate(root, context: context, into: &output) { return .success(facts) }
        return translateGenerally(root, context: context, tape: tape, into: &output)
    }

    /// The way of every reply that is not plain.
    static func translateGenerally(
        _ root: JSONValue,
        context: ChatReplyContext,
        tape: JSONTape,
        into output: inout ByteBuffer
    ) -> Result<ReplyFacts, APIError> {
        var reader = NativeReplyReader(context: context, isWhole: true, sink: CompletionWriter(context: context))
        switch reader.receive(root) {
        case .refused(let error):
            return .failure(error)
        case .progress, .choicesEnded, .complete:
            break
        }
        guard reader.finish() == nil else {
            return .failure(ErrorTable.invalidResponse(requestID: reader.requestIDText))
        }
        output.writeImmutableBuffer(reader.sink.output)
        return .success(reader.facts)
    }
}
