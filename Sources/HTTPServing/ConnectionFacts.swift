/// The facts about a connection before its first request.
struct ConnectionFacts {
    let listener: BoundListener
    /// The client's address, from the PROXY header where one was read.
    var remoteAddress: RemoteAddress
    /// Whether the connection came when the server, or its address, had enough: its first request is refused.
    var isOverLimit: Bool
    /// The share of the server that its address uses; nil for an address without a limit.
    var peer: PeerShare?
}
