package import NIOCore

/// The reply to a request of OpenAI's Responses API.
final class ResponseReply: FaceReply {
    let stream: StreamTranslation<ResponseStreamWriter>?
    let whole: WholeTranslation<ResponseWriter>?
    private let context: ResponsesReplyContext

    init(context: ResponsesReplyContext, isStreamed: Bool) {
        let native = NativeReplyContext(
            created: context.created,
            isCumulative: context.isCumulative,
            customTools: context.customTools,
            fallbackID: context.fallbackID
        )
        self.context = context
        stream = isStreamed ? StreamTranslation(context: context, native: native) : nil
        whole = isStreamed ? nil : WholeTranslation(context: context) { _ in native }
    }
}

/// A reply that runs in the background: it begins before upstream is asked, and can be cancelled.
package protocol BackgroundReplying: ReplyTranslating {
    /// Writes the events of a response that waits for upstream.
    func queue(into output: inout ByteBuffer)
    /// Writes the event that ends a response whose owner does not want it any more.
    func cancel(into output: inout ByteBuffer)
    /// The response without output, in this state.
    func document(_ status: ResponseStatus) -> ByteBuffer
}

extension ResponseReply: BackgroundReplying {
    func queue(into output: inout ByteBuffer) { stream?.write(into: &output) { $0.queue() } }
    func cancel(into output: inout ByteBuffer) { stream?.write(into: &output) { $0.cancel() } }

    func document(_ status: ResponseStatus) -> ByteBuffer {
        var output = ByteBuffer()
        context.writeResponse(id: Array(context.id.utf8), status, into: &output)
        return output
    }
}
