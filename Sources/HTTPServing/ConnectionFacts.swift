/// What is known of a connection before its first request.
struct ConnectionFacts {
    let listener: BoundListener
    /// The client's address, from the PROXY header where one was read.
    var remoteAddress: RemoteAddress
    /// Whether the connection came when the server had enough: its first request is refused.
    let isOverLimit: Bool
}
