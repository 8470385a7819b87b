import AdmissionControl
import HTTPServing
import NIOCore

/// Which links are followed: those of upstream itself, and of the hosts that the operator lists.
struct FetchRules: Sendable {
    enum Refusal: Error, Equatable {
        /// It is no link that can be read.
        case unreadable
        case host(String)
        /// The host is listed; it is followed to by https and its port only.
        case port(String, Int)

        /// What a client is told.
        var reason: String {
            switch self {
            case .unreadable: "Its link cannot be read."
            case .host: "Its link leads to a host that the operator has not listed in fetch.hosts."
            case .port(_, let port):
                "Its link leads to port \(port) of a host in fetch.hosts: those are called by https on port 443 only."
            }
        }

        /// What the log says besides.
        var detail: String {
            switch self {
            case .unreadable: "link"
            case .host(let host): "host \(host.prefix(128))"
            case .port(let host, let port): "port \(host.prefix(128)):\(port)"
            }
        }
    }

    private let hosts: [String]
    private let origin: UpstreamBaseURL

    init(hosts: [String], origin: UpstreamBaseURL) {
        self.hosts = hosts.map { $0.lowercased() }.map { $0.hasPrefix("*.") ? String($0.dropFirst(2)) : $0 }
        self.origin = origin
    }

    /// Whether an address is on the host that is called anyway.
    func isOrigin(_ address: FileAddress) -> Bool {
        address.host == origin.host.lowercased() && address.port == origin.port && address.isSecure == origin.isSecure
    }

    /// The address as it may be fetched: by `https`, whatever the link says.
    func allowed(_ address: FileAddress?) throws(Refusal) -> FileAddress {
        guard var address else { throw .unreadable }
        if isOrigin(address) { return address }
        if !address.isSecure, address.port == 80 { (address.isSecure, address.port) = (true, 443) }
        let isListed = hosts.contains { address.host == $0 || address.host.hasSuffix(".\($0)") }
        guard isListed else { throw .host(address.host) }
        guard address.isSecure, address.port == 443 else { throw .port(address.host, address.port) }
        return address
    }

    // MARK: - Addresses

    /// Networks that are no part of the public internet.
    private static let closed: [AddressRange] = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
    ].compactMap { try? AddressRange($0) }

    /// What of IPv6 is public today; translated and mapped addresses of IPv4 are not in it.
    private static let open = try? AddressRange("2000::/3")
    private static let closedParts: [AddressRange] = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"].compactMap
    {
        try? AddressRange($0)
    }

    /// Whether an address belongs to the public internet.
    static func isPublic(_ address: SocketAddress) -> Bool {
        guard let bits = RemoteAddress(address).bits else { return false }
        let address = ClientAddress(bits: bits)
        if address.isIPv4 { return !closed.contains { $0.contains(address) } }
        return open?.contains(address) == true && !closedParts.contains { $0.contains(address) }
    }
}
