extension MessagesReplyContext: ReplyContext {
    package func makeReply(isStreamed: Bool) -> any ReplyTranslating {
        let native = NativeReplyContext(created: created, isCumulative: isCumulative, fallbackID: fallbackID)
        return isStreamed
            ? StreamReply<MessageStreamWriter>(context: self, native: native)
            : WholeReply<MessageWriter>(context: self, native: native)
    }
}
