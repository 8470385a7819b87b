package import NIOCore
package import Upstream

/// Follows one connection; called on its event loop.
///
/// Ends with exactly one of `webSocketEnded` and `webSocketFailed`, unless the connection is cancelled.
package protocol WebSocketDelegate: AnyObject {
    /// Messages may be sent.
    func webSocketOpened()
    func webSocketReceived(_ message: WebSocketMessage)
    /// The messages of one read have been handed over.
    func webSocketReadComplete()
    func webSocketEnded(_ end: WebSocketEnd)
    /// There was no connection.
    func webSocketFailed(_ failure: WebSocketFailure)
}

/// Why there was no connection.
package enum WebSocketFailure: Equatable, Sendable {
    case unreachable(UpstreamError)
    /// The host answered the handshake with something else, such as 401.
    case refused(UpstreamResponseHead, body: ByteBuffer)
}

/// The handshake of one connection, and its bounds.
package struct WebSocketRequest: Sendable {
    /// Path and query.
    package var target: String
    package var headers: [(name: String, value: String)]
    package var maximumFrameBytes = 1 << 20
    package var maximumMessageBytes = 4 << 20
    /// How long the peer's answer to our close is waited for.
    package var closeTimeout = TimeAmount.seconds(2)

    package init(target: String, headers: [(name: String, value: String)]) {
        self.target = target
        self.headers = headers
    }
}
