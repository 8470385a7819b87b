/// Finds the client's address behind proxies, believing nothing that a client can write itself.
package struct TrustedProxies: Sendable, Equatable {
    package var ranges: AddressRangeList
    package var header: ForwardingHeader
    /// Whether a peer on a Unix socket, which has no address, is a trusted proxy.
    package var trustsUnixSocketPeers: Bool

    package init(
        ranges: AddressRangeList = AddressRangeList(),
        header: ForwardingHeader = .xForwardedFor,
        trustsUnixSocketPeers: Bool = false
    ) {
        self.ranges = ranges
        self.header = header
        self.trustsUnixSocketPeers = trustsUnixSocketPeers
    }

    /// Whether what this peer says about its client is believed; nil is a Unix socket's peer.
    package func trusts(_ peer: ClientAddress?) -> Bool {
        peer.map(ranges.contains) ?? trustsUnixSocketPeers
    }

    /// The client's address; nil for a Unix socket's peer that names no client.
    ///
    /// Each proxy appends the address that it was reached from. The walk therefore begins at the right, at what our
    /// own peer wrote, goes on while the address named is itself a trusted proxy, and ends at the first that is not
    /// (the client) or that is no address (`unknown`, `_hidden`, nonsense), where the last trusted proxy stands for
    /// the client.
    /// - Parameters:
    ///   - peer: where the connection comes from; nil for a Unix socket.
    ///   - forwardedFor: the values of `X-Forwarded-For`, one for each line, in order.
    ///   - forwarded: the values of `Forwarded`, one for each line, in order.
    /// - Returns: what is believed; the peer itself if it is not trusted.
    package func client(
        peer: ClientAddress?,
        forwardedFor: [String] = [],
        forwarded: [String] = []
    ) -> ClientAddress? {
        guard trusts(peer) else { return peer }
        var client = peer
        switch header {
        case .xForwardedFor:
            walk(forwardedFor) { element in
                guard let address = ClientAddress(withPort: Self.trimmed(element)) else { return nil }
                client = address
                return address
            }
        case .forwarded:
            walk(forwarded) { text in
                guard let element = ForwardedElement(text) else { return nil }
                guard let node = element.node, let address = ClientAddress(withPort: node) else { return nil }
                client = address
                return address
            }
        }
        return client
    }

    /// Hands out elements from the right until one gives no address or one that is not trusted.
    private func walk(_ lines: [String], _ visit: (Substring) -> ClientAddress?) {
        for line in lines.reversed() {
            var elements = ForwardedElement.Reversed(line)
            while let element = elements.next() {
                // A list may have empty elements (RFC 9110, section 5.6.1.2).
                if Self.trimmed(element).isEmpty { continue }
                guard let address = visit(element), ranges.contains(address) else { return }
            }
        }
    }

    static func trimmed(_ text: Substring) -> Substring {
        var bytes = text.utf8
        while let byte = bytes.first, byte == 0x20 || byte == 0x09 { bytes.removeFirst() }
        while let byte = bytes.last, byte == 0x20 || byte == 0x09 { bytes.removeLast() }
        return Substring(bytes)
    }
}
