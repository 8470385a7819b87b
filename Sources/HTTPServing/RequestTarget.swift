import NIOHTTP1

/// The four forms of a request target (RFC 9112, section 3.2), brought to one: the path.
enum RequestTarget {
    /// The target as path and query; nil where the server cannot mean it.
    ///
    /// An absolute target must name the host of the Host header, so that no reader can take another one for it.
    static func path(of head: RequestHead) -> String? {
        guard head.method != .CONNECT else { return nil }
        if head.uri.utf8.first == UInt8(ascii: "/") { return head.uri }
        if head.uri == "*" { return head.method == .OPTIONS ? "*" : nil }
        let scheme = head.uri.prefix { $0 != ":" }.lowercased()
        guard scheme == "http" || scheme == "https" else { return nil }
        let rest = head.uri.dropFirst(scheme.count)
        guard rest.hasPrefix("://") else { return nil }
        let authority = rest.dropFirst(3).prefix { $0 != "/" && $0 != "?" }
        let host = head.headers.first(name: "host")
        guard !authority.isEmpty, host.map({ $0.lowercased() == authority.lowercased() }) ?? true else { return nil }
        let path = rest.dropFirst(3 + authority.count)
        if path.isEmpty { return "/" }
        return path.first == "/" ? String(path) : "/\(path)"
    }
}
