/// What is known of a connection before its first request.
struct ConnectionFacts {
    let listener: BoundListener
    /// The client's address without port, from the PROXY header where one was read; empty for a Unix socket.
    var remoteAddress: String
    /// Whether the connection came when the server had enough: its first request is refused.
    let isOverLimit: Bool
}
