/// The reply to a request of OpenAI's Responses API.
final class ResponseReply: FaceReply {
    let stream: StreamTranslation<ResponseStreamWriter>?
    let whole: WholeTranslation<ResponseWriter>?

    init(context: ResponsesReplyContext, isStreamed: Bool) {
        let native = NativeReplyContext(
            created: context.created,
            isCumulative: context.isCumulative,
            customTools: context.customTools,
            fallbackID: context.fallbackID
        )
        stream = isStreamed ? StreamTranslation(context: context, native: native) : nil
        whole = isStreamed ? nil : WholeTranslation(context: context) { _ in native }
    }
}
