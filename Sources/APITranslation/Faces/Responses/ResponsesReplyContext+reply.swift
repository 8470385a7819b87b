extension ResponsesReplyContext: ReplyContext {
    package func makeReply(isStreamed: Bool) -> any ReplyTranslating {
        ResponseReply(context: self, isStreamed: isStreamed)
    }
}
