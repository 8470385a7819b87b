/// A listener as an operator writes it: `http://HOST:PORT`, `https://HOST:PORT` or `unix:PATH`.
package struct ListenAddress: Sendable, Equatable, CustomStringConvertible {
    package enum Place: Sendable, Equatable {
        case tcp(host: String, port: Int)
        case unix(path: String)
    }

    package var place: Place
    package var isSecure: Bool
    package var expectsProxyProtocol: Bool

    package init(place: Place, isSecure: Bool = false, expectsProxyProtocol: Bool = false) {
        self.place = place
        self.isSecure = isSecure
        self.expectsProxyProtocol = expectsProxyProtocol
    }

    /// Reads an address; `key` names the setting in the problem.
    package init(_ text: String, key: String) throws(ConfigurationProblem) {
        func problem(_ reason: String) -> ConfigurationProblem {
            ConfigurationProblem(key: key, reason: "\"\(text)\" \(reason)")
        }
        var rest = text[...]
        expectsProxyProtocol = false
        if let mark = rest.firstIndex(of: "?") {
            switch rest[rest.index(after: mark)...] {
            case "proxy-protocol=true": expectsProxyProtocol = true
            case "proxy-protocol=false": break
            default: throw problem("has an unknown option; `proxy-protocol=true` is known")
            }
            rest = rest[..<mark]
        }
        if rest.hasPrefix("unix:") {
            let path = rest.dropFirst(5)
            guard path.hasPrefix("/") else { throw problem("names no absolute path") }
            guard path.utf8.count < 108 else { throw problem("has a path too long for a socket") }
            isSecure = false
            place = .unix(path: String(path))
            return
        }
        isSecure = rest.hasPrefix("https://")
        guard isSecure || rest.hasPrefix("http://") else {
            throw problem("does not begin with http://, https:// or unix:")
        }
        rest = rest.dropFirst(isSecure ? 8 : 7)
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        guard let colon = rest.lastIndex(of: ":"), let port = Int(rest[rest.index(after: colon)...]),
            (0...65_535).contains(port)
        else { throw problem("names no port") }
        var host = rest[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw problem("needs brackets around its IPv6 address")
        }
        guard !host.isEmpty, !host.contains("/") else { throw problem("names no host") }
        place = .tcp(host: String(host), port: port)
    }

    package var description: String {
        switch place {
        case .tcp(let host, let port):
            "\(isSecure ? "https" : "http")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }
}
