extension ChatCall {
    /// A translator for the reply to this call, in the dialect of its caller.
    package func makeReply() -> any ReplyTranslating {
        guard var messages else { return context.makeReply(isStreamed: streamsToClient) }
        messages.fallbackID = context.fallbackID
        return messages.makeReply(isStreamed: streamsToClient)
    }
}
