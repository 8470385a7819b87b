/// Answers the requests of a server; called on the event loop of each connection.
package protocol HTTPApplication: Sendable {
    /// A request head has arrived; its body has not.
    ///
    /// Either answer at once (the body is then discarded), or set `exchange.delegate` to be given the body.
    func receive(_ exchange: HTTPExchange)

    /// A request cannot be taken: answer it; an HTTP/1 connection closes afterwards.
    ///
    /// The exchange has a made-up head where none could be read.
    func reject(_ exchange: HTTPExchange, reason: HTTPRejection)
}
