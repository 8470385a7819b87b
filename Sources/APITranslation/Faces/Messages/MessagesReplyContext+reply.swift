extension MessagesReplyContext: ReplyContext {
    package func makeReply(isStreamed: Bool) -> any ReplyTranslating {
        MessageReply(context: self, isStreamed: isStreamed)
    }
}
