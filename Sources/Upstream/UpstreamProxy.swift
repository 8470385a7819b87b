import WireFormats

/// An HTTP proxy on the way to upstream.
package struct UpstreamProxy: Sendable, Equatable, CustomStringConvertible {
    package struct Problem: Error, Sendable, Equatable, CustomStringConvertible {
        package var description: String
    }

    package let host: String
    package let port: Int
    /// The value of `Proxy-Authorization`; a secret.
    let authorization: String?

    /// The address, without the credentials.
    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Reads `http://user:password@host:port`, the form of `HTTPS_PROXY`; scheme, credentials and port may be missing.
    ///
    /// - Throws: ``Problem``, which never repeats the text: it may hold a password.
    package init(_ text: String) throws(Problem) {
        var rest = text[...]
        while let last = rest.last, last == "/" || last == " " { rest.removeLast() }
        if let range = rest.firstRange(of: "://") {
            guard rest[..<range.lowerBound].lowercased() == "http" else {
                throw Problem(
                    description: "only http:// proxies are supported, not \(rest[..<range.lowerBound].prefix(16))://"
                )
            }
            rest = rest[range.upperBound...]
        }
        if let at = rest.lastIndex(of: "@") {
            guard let credentials = Self.credentials(rest[..<at]) else {
                throw Problem(description: "the proxy's user or password is not percent-encoded rightly")
            }
            let hasPassword = credentials.contains(UInt8(ascii: ":"))
            let encoded = Base64.encode(hasPassword ? credentials : credentials + [0x3A])
            authorization = "Basic " + String(decoding: encoded, as: UTF8.self)
            rest = rest[rest.index(after: at)...]
        } else {
            authorization = nil
        }
        guard let (host, port) = Self.divide(rest) else {
            throw Problem(description: "the proxy's address is not host:port")
        }
        self.host = host
        self.port = port ?? 80
    }

    /// Divides `host:port`, `[v6]:port` or a bare host.
    static func divide(_ text: Substring) -> (host: String, port: Int?)? {
        var host = text
        var port: Substring?
        if text.first == "[" {
            guard let close = text.firstIndex(of: "]") else { return nil }
            host = text[text.index(after: text.startIndex)..<close]
            let after = text[text.index(after: close)...]
            guard after.isEmpty || after.first == ":" else { return nil }
            if !after.isEmpty { port = after.dropFirst() }
        } else if let colon = text.firstIndex(of: ":"), !text[text.index(after: colon)...].contains(":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
        }
        let isHost = host.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"/@,".utf8.contains($0) }
        guard !host.isEmpty, isHost else { return nil }
        guard let port else { return (String(host), nil) }
        guard let number = Int(port), (1...65_535).contains(number) else { return nil }
        return (String(host), number)
    }

    /// The bytes of user and password; nil where they are malformed or would end the header line.
    private static func credentials(_ text: Substring) -> [UInt8]? {
        guard let bytes = PercentEncoding.bytes(text) else { return nil }
        return bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F } ? bytes : nil
    }
}
