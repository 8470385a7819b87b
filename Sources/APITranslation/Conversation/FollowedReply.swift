/// A reply to a call that is only a step: another call is made of its answer, and that one's reply is what counts.
package protocol FollowedReply: ReplyTranslating {
    /// The call that comes next, asked for once the reply has ended well; nil where its own output is the answer.
    func following() -> FollowingCall?
}

/// A call that is made of the answer to another, and what reads its own answer.
package struct FollowingCall {
    package var call: NativeCall
    package var reply: any ReplyTranslating
}
