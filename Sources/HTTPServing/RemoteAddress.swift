package import NIOCore

/// Where a connection comes from, without its port.
package struct RemoteAddress: Sendable, Equatable {
    /// As it is written; empty for a Unix socket.
    package let text: String
    /// The 16 bytes as one number, IPv4 in its mapped form (`::ffff:192.0.2.1`); nil for a Unix socket.
    package let bits: UInt128?

    /// The address of a client on a Unix socket.
    package static let unnamed = RemoteAddress(nil)

    package init(_ address: SocketAddress?) {
        text = address?.ipAddress ?? ""
        // Where `sin_addr` and `sin6_addr` stand, whose names only NIO's own modules may use.
        bits =
            switch address {
            case .v4(let address): 0xFFFF_0000_0000 | withUnsafeBytes(of: address.address) { Self.number($0[4..<8]) }
            case .v6(let address): withUnsafeBytes(of: address.address) { Self.number($0[8..<24]) }
            case .unixDomainSocket, nil: nil
            }
    }

    /// Whether the client is on this machine: a Unix socket, 127.0.0.0/8 or ::1.
    package var isLocal: Bool {
        guard let bits else { return true }
        return bits == 1 || bits >> 24 == 0xFFFF_7F
    }

    /// Bytes in network order as one number.
    private static func number(_ bytes: Slice<UnsafeRawBufferPointer>) -> UInt128 {
        bytes.reduce(0) { $0 << 8 | UInt128($1) }
    }
}
