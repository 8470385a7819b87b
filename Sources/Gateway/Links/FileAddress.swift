/// Where a file is, taken from a link.
struct FileAddress: Equatable {
    var isSecure: Bool
    /// In lower case, without brackets.
    var host: String
    var port: Int
    /// Path and query, as they stand in the link.
    var target: String

    /// Reads an absolute link; nil where it is none that can be fetched.
    init?(_ link: String) {
        guard link.utf8.count <= 8192, link.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x5C }) else {
            return nil
        }
        var rest = link[...]
        if Self.take("https://", from: &rest) {
            isSecure = true
        } else if Self.take("http://", from: &rest) {
            isSecure = false
        } else {
            return nil
        }
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        // A user name in front of the host only serves to mislead.
        guard !authority.contains("@"), !authority.hasPrefix("[") else { return nil }
        let parts = authority.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        host = (parts.first ?? "").lowercased()
        if host.hasSuffix(".") { host.removeLast() }
        guard !host.isEmpty, host.utf8.allSatisfy(Self.isOfName) else { return nil }
        if parts.count == 2 {
            guard let number = Int(parts[1]), (1...65_535).contains(number), parts[1].first?.isNumber == true else {
                return nil
            }
            port = number
        } else {
            port = isSecure ? 443 : 80
        }
        let path = rest.dropFirst(authority.count).prefix { $0 != "#" }
        target = path.hasPrefix("/") ? String(path) : "/" + path
    }

    private static func take(_ prefix: String, from text: inout Substring) -> Bool {
        guard text.prefix(prefix.count).lowercased() == prefix else { return false }
        text = text.dropFirst(prefix.count)
        return true
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
    }

    /// Where a redirect leads: another host, another path of this one; nil where it cannot be followed.
    func redirected(to location: String) -> FileAddress? {
        if let address = FileAddress(location) { return address }
        guard location.hasPrefix("/"), !location.hasPrefix("//"),
            location.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x5C })
        else { return nil }
        var address = self
        address.target = String(location.prefix { $0 != "#" })
        return address
    }
}
