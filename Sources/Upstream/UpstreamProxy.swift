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
            guard let credentials = Self.percentDecoded(rest[..<at]) else {
                throw Problem(description: "the proxy's user or password is not percent-encoded rightly")
            }
            let hasPassword = credentials.contains(UInt8(ascii: ":"))
            authorization = "Basic " + Self.base64(hasPassword ? credentials : credentials + [0x3A])
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

    private static func percentDecoded(_ text: Substring) -> [UInt8]? {
        var bytes: [UInt8] = []
        var source = text.utf8.makeIterator()
        while let byte = source.next() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = source.next(), let low = source.next(),
                let value = UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16)
            else { return nil }
            bytes.append(value)
        }
        // A control character would end the header line.
        return bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F } ? bytes : nil
    }

    /// Written here, because all that this target would want of Foundation is this.
    private static func base64(_ bytes: [UInt8]) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var bits = 0
            for byte in group { bits = bits << 8 | Int(byte) }
            bits <<= 8 * (3 - group.count)
            for index in 0..<4 {
                text.append(index <= group.count ? letters[bits >> (18 - 6 * index) & 63] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
