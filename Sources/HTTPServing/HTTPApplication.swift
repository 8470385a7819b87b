package import NIOCore

/// What a server does with its requests; called on the event loop of each connection.
package protocol HTTPApplication: Sendable {
    /// A request head has arrived; its body has not.
    ///
    /// Either answer at once (the body is then discarded), or set `exchange.delegate` to be given the body.
    func receive(_ exchange: HTTPExchange)

    /// A request cannot be taken: answer it; the connection closes afterwards.
    ///
    /// The exchange has a made-up head where none could be read.
    func reject(_ exchange: HTTPExchange, reason: HTTPRejection)
}

/// Why the server itself refuses a request.
package enum HTTPRejection: Sendable, Equatable {
    case malformed
    case headersTooLarge(limit: Int)
    case bodyTooLarge(limit: Int)
    case bodyTimeout
}

/// Follows one exchange; called on its event loop.
package protocol HTTPExchangeDelegate: AnyObject {
    /// The whole body is there.
    func bodyReceived(_ body: ByteBuffer, of exchange: HTTPExchange)
    /// The client closed the connection before the answer was finished.
    func clientLeft(_ exchange: HTTPExchange)
    /// The client reads too slowly, or can take more again.
    func writabilityChanged(_ exchange: HTTPExchange, isWritable: Bool)
}
