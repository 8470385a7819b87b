/// The host part of upstream's address, taken from what an operator pasted.
package struct UpstreamBaseURL: Equatable, Sendable {
    package var isSecure: Bool
    package var host: String
    package var port: Int
    /// A path in front of `/api/v1`, without a slash at its end; mostly empty.
    package var pathPrefix: String

    /// Reads `scheme://host[:port][/path]`; a `/api/v1` or `/compatible-mode/v1` at the end is taken off.
    ///
    /// - Throws: ``ConfigurationProblem`` that says what is wrong with the address.
    package init(_ text: String) throws(ConfigurationProblem) {
        func problem(_ reason: String) -> ConfigurationProblem {
            ConfigurationProblem(key: "upstream.baseURL", reason: "\"\(Self.withoutSecrets(text))\" \(reason)")
        }
        var rest = text[...]
        if rest.lowercased().hasPrefix("https://") {
            isSecure = true
            rest = rest.dropFirst(8)
        } else if rest.lowercased().hasPrefix("http://") {
            isSecure = false
            rest = rest.dropFirst(7)
        } else {
            throw problem("does not begin with http:// or https://")
        }
        guard !rest.contains(where: { $0 == "?" || $0 == "#" || $0 == "@" || $0.isWhitespace }) else {
            throw problem("has a query, a fragment, a user name or a blank")
        }
        let authority = rest.prefix { $0 != "/" }
        var path = rest.dropFirst(authority.count)
        while path.hasSuffix("/") { path = path.dropLast() }
        for suffix in ["/api/v1", "/compatible-mode/v1"] where path.hasSuffix(suffix) {
            path = path.dropLast(suffix.count)
            break
        }
        pathPrefix = String(path)
        var portText: Substring?
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            host = String(authority[authority.index(after: authority.startIndex)..<end])
            let after = authority[authority.index(after: end)...]
            if after.hasPrefix(":") {
                portText = after.dropFirst()
            } else if !after.isEmpty {
                throw problem("is malformed")
            }
        } else {
            let parts = authority.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            host = String(parts.first ?? "")
            if parts.count == 2 { portText = parts[1] }
        }
        guard !host.isEmpty else { throw problem("names no host") }
        if let portText {
            guard let number = Int(portText), (1...65_535).contains(number) else {
                throw problem("has an impossible port")
            }
            port = number
        } else {
            port = isSecure ? 443 : 80
        }
    }

    /// The address without user name, password and query, for a message.
    private static func withoutSecrets(_ text: String) -> String {
        var text =
            String(text.prefix { $0 != "?" && $0 != "#" }) + (text.contains { $0 == "?" || $0 == "#" } ? "?***" : "")
        guard let at = text.lastIndex(of: "@") else { return text }
        let start = text.firstRange(of: "://").map(\.upperBound) ?? text.startIndex
        if start < at { text.replaceSubrange(start..<at, with: "***") }
        return text
    }
}
