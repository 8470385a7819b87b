extension ChatCall {
    /// A translator for the reply to this call, in the dialect of its caller.
    package func makeReply() -> any ReplyTranslating {
        context.makeReply(isStreamed: streamsToClient)
    }
}
