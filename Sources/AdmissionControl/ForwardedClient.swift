/// What is believed about the client in front of the proxies.
package struct ForwardedClient: Sendable, Equatable {
    /// The client's address, or that of the farthest trusted proxy if it did not tell; nil for a Unix socket's peer.
    package var address: ClientAddress?
    /// `http` or `https`, how the client reached the farthest proxy that is trusted, if that one told.
    package var proto: String?

    package init(address: ClientAddress?, proto: String? = nil) {
        self.address = address
        self.proto = proto
    }
}
