/// What is known of a connection before its first request.
struct ConnectionFacts {
    let listener: BoundListener
    /// The client's address, from the PROXY header where one was read.
    var remoteAddress: RemoteAddress
    /// Whether the connection came when the server, or its address, had enough: its first request is refused.
    var isOverLimit: Bool
    /// What its address has of the server; nil for one that may have any share.
    var peer: PeerShare?
}
