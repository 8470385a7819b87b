package import NIOCore

/// Follows one exchange; called on its event loop.
package protocol HTTPExchangeDelegate: AnyObject {
    /// A piece of a body that the exchange streams.
    func bodyPiece(_ bytes: ByteBuffer, of exchange: HTTPExchange)
    /// The whole body is there; empty where it was given in pieces.
    func bodyReceived(_ body: ByteBuffer, of exchange: HTTPExchange)
    /// The server cannot take the rest of the request; the exchange waits for the answer that says so.
    func rejected(_ exchange: HTTPExchange, reason: HTTPRejection)
    /// The client closed the connection before the answer was finished.
    func clientLeft(_ exchange: HTTPExchange)
    /// The client reads too slowly, or can take more again.
    func writabilityChanged(_ exchange: HTTPExchange, isWritable: Bool)
}

extension HTTPExchangeDelegate {
    package func bodyPiece(_ bytes: ByteBuffer, of exchange: HTTPExchange) {}
}
