package import NIOCore

/// A request of a conversation translated for DashScope: what to send, and how the reply is made.
package final class ChatCall {
    package var native: NativeCall
    /// Whether the client asked for a stream; where only upstream streams, the events are folded into one reply.
    package let streamsToClient: Bool
    package internal(set) var adjustments: AdjustmentList
    /// The facts that the reply side needs, in the dialect of the request.
    package var context: any ReplyContext

    package init(
        native: NativeCall,
        streamsToClient: Bool,
        adjustments: AdjustmentList,
        context: any ReplyContext
    ) {
        self.native = native
        self.streamsToClient = streamsToClient
        self.adjustments = adjustments
        self.context = context
    }

    package var operation: DashScopeOperation { native.operation }
    package var upstreamModel: String { native.upstreamModel }
    package var body: ByteBuffer { native.body }
    package var streamsUpstream: Bool { native.streamsUpstream }
    package var resolvesOSS: Bool { native.resolvesOSS }

    /// A translator for the reply to this call, in the dialect of its caller.
    package func makeReply() -> any ReplyTranslating { context.makeReply(isStreamed: streamsToClient) }
}
