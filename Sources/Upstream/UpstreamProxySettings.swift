#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Which proxy leads to which host, as the usual environment variables say it.
package struct UpstreamProxySettings: Sendable, Equatable {
    /// For upstreams with TLS: `HTTPS_PROXY`.
    package var secure: String?
    /// For plain upstreams: `HTTP_PROXY`.
    package var plain: String?
    /// Hosts that are called directly: `NO_PROXY`, names with commas or blanks between them.
    package var exceptions = ""

    package init() {}

    /// Reads `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`; names in lower case count first, as in curl.
    package init(environment: [String: String]) {
        func value(_ name: String) -> String? {
            for name in [name.lowercased(), name] {
                if let value = environment[name], !value.isEmpty { return value }
            }
            return nil
        }
        secure = value("HTTPS_PROXY") ?? value("ALL_PROXY")
        plain = value("HTTP_PROXY") ?? value("ALL_PROXY")
        exceptions = value("NO_PROXY") ?? ""
    }

    /// The proxy for a host, or nil where it is called directly.
    ///
    /// - Throws: ``UpstreamProxy/Problem`` where the address of the proxy cannot be read.
    package func proxy(host: String, port: Int, isSecure: Bool) throws(UpstreamProxy.Problem) -> UpstreamProxy? {
        guard let text = isSecure ? secure : plain, !excepts(host: host, port: port) else { return nil }
        return try UpstreamProxy(text)
    }

    /// Whether a host is to be called directly.
    ///
    /// An entry is `*`, a name that covers itself and all below it (with or without a dot before it), an address, or a
    /// range of addresses in CIDR form; a name or address may have a port. Names are not resolved.
    package func excepts(host: String, port: Int) -> Bool {
        let name = host.lowercased()
        return exceptions.split(whereSeparator: { $0 == "," || $0.isWhitespace }).contains { entry in
            if entry == "*" { return true }
            if let slash = entry.firstIndex(of: "/") {
                return Self.contains(entry[..<slash], bits: entry[entry.index(after: slash)...], name)
            }
            guard let (pattern, onlyPort) = UpstreamProxy.divide(entry) else { return false }
            if let onlyPort, onlyPort != port { return false }
            var suffix = pattern.lowercased()[...]
            if suffix.hasPrefix("*.") { suffix = suffix.dropFirst() }
            if suffix.hasPrefix(".") { suffix = suffix.dropFirst() }
            if name == suffix { return true }
            // `1.example.com` must not be covered by `e.com`, and an address has nothing below it.
            return Self.address(name) == nil && name.hasSuffix(".\(suffix)")
        }
    }

    private static func contains(_ network: Substring, bits: Substring, _ host: String) -> Bool {
        guard let network = address(String(network)), let host = address(host), network.count == host.count,
            let bits = Int(bits), (0...network.count * 8).contains(bits)
        else { return false }
        return (0..<bits).allSatisfy { bit in
            (network[bit / 8] ^ host[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0
        }
    }

    /// The 4 or 16 bytes of an address in text form; nil where it is a name.
    private static func address(_ text: String) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 { return Array(bytes.prefix(4)) }
        return inet_pton(AF_INET6, text, &bytes) == 1 ? bytes : nil
    }
}
