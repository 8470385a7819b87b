/// The reply to a chat request.
final class ChatReply: FaceReply {
    let stream: StreamTranslation<ChunkWriter>?
    let whole: WholeTranslation<CompletionWriter>?

    init(context: ChatReplyContext, isStreamed: Bool) {
        stream = isStreamed ? StreamTranslation(context: context, native: context.native) : nil
        whole = isStreamed ? nil : WholeTranslation(context: context) { $0.native }
    }
}
