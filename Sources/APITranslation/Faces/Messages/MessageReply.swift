/// The reply to a request of Anthropic's Messages API.
final class MessageReply: FaceReply {
    let stream: StreamTranslation<MessageStreamWriter>?
    let whole: WholeTranslation<MessageWriter>?

    init(context: MessagesReplyContext, isStreamed: Bool) {
        let native = NativeReplyContext(
            created: context.created,
            isCumulative: context.isCumulative,
            fallbackID: context.fallbackID
        )
        stream = isStreamed ? StreamTranslation(context: context, native: native) : nil
        whole = isStreamed ? nil : WholeTranslation(context: context) { _ in native }
    }
}
