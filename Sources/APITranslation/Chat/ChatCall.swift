package import NIOCore

/// One chat completion translated for DashScope: what to send, and what the reply translators must know.
package final class ChatCall {
    package let operation: DashScopeOperation
    /// The model name sent upstream.
    package let upstreamModel: String
    /// The native JSON body.
    package var body: ByteBuffer
    /// Whether to call upstream with `X-DashScope-SSE: enable`.
    package let streamsUpstream: Bool
    /// Whether the client asked for a stream; where only upstream streams, the events are folded into one reply.
    package let streamsToClient: Bool
    /// Whether the body holds `oss://` links (`X-DashScope-OssResourceResolve: enable`).
    package let resolvesOSS: Bool
    package let adjustments: AdjustmentList
    package var context: ChatReplyContext
    /// What the reply side of `/v1/messages` must know; nil for a call of chat.
    package var messages: MessagesReplyContext?

    package init(
        operation: DashScopeOperation,
        upstreamModel: String,
        body: ByteBuffer,
        streamsUpstream: Bool,
        streamsToClient: Bool,
        resolvesOSS: Bool,
        adjustments: AdjustmentList,
        context: ChatReplyContext,
        messages: MessagesReplyContext? = nil
    ) {
        self.operation = operation
        self.upstreamModel = upstreamModel
        self.body = body
        self.streamsUpstream = streamsUpstream
        self.streamsToClient = streamsToClient
        self.resolvesOSS = resolvesOSS
        self.adjustments = adjustments
        self.context = context
        self.messages = messages
    }
}
