/// One element of a `Forwarded` header (RFC 7239, section 4): what one proxy tells about one request.
struct ForwardedElement: Equatable {
    /// The value of `for` without quotes: an address with or without port, `unknown` or an obfuscated name.
    var node: String?

    /// Reads `for="[2001:db8::1]:4711";proto=https`, of which `for` counts; nil if the text breaks the grammar or names a parameter twice.
    init?(_ text: Substring) {
        var rest = TrustedProxies.trimmed(text).utf8[...]
        var names: Set<String> = []
        while !rest.isEmpty {
            guard let equals = rest.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            let name = rest[..<equals]
            guard !name.isEmpty, name.allSatisfy(Self.isToken) else { return nil }
            rest = rest[rest.index(after: equals)...]
            guard let value = Self.value(&rest) else { return nil }
            let key = String(Substring(name)).lowercased()
            guard names.insert(key).inserted else { return nil }
            if key == "for" { node = value }
            if rest.isEmpty { break }
            guard rest.first == UInt8(ascii: ";") else { return nil }
            rest = rest.dropFirst()
        }
    }

    private static func value(_ rest: inout Substring.UTF8View) -> String? {
        guard rest.first == UInt8(ascii: "\"") else {
            let token = rest.prefix(while: isToken)
            rest = rest[token.endIndex...]
            return token.isEmpty ? nil : String(Substring(token))
        }
        var value: [UInt8] = []
        var index = rest.index(after: rest.startIndex)
        while index < rest.endIndex {
            var byte = rest[index]
            index = rest.index(after: index)
            if byte == UInt8(ascii: "\"") {
                rest = rest[index...]
                return String(decoding: value, as: UTF8.self)
            }
            if byte == UInt8(ascii: "\\") {
                guard index < rest.endIndex else { return nil }
                byte = rest[index]
                index = rest.index(after: index)
            }
            value.append(byte)
        }
        return nil
    }

    /// RFC 9110, section 5.6.2, and the characters of an address that many proxies leave unquoted.
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: "!#$%&'*+-.^_`|~:[]".utf8.contains(byte)
        }
    }

    /// The elements of one header line from the last to the first.
    ///
    /// Commas in quoted strings do not divide. The line is read from its end because what stands there was written by a
    /// trusted proxy: read from the start, one stray quote of the client's would swallow the true addresses.
    struct Reversed {
        private var rest: Substring?

        init(_ line: String) {
            rest = line[...]
        }

        mutating func next() -> Substring? {
            guard let text = rest else { return nil }
            let bytes = text.utf8
            var index = bytes.endIndex
            var isQuoted = false
            while index > bytes.startIndex {
                index = bytes.index(before: index)
                switch bytes[index] {
                case UInt8(ascii: "\""):
                    if !isQuoted {
                        isQuoted = true
                    } else if bytes[..<index].reversed().prefix(while: { $0 == UInt8(ascii: "\\") }).count % 2 == 0 {
                        isQuoted = false
                    }
                case UInt8(ascii: ",") where !isQuoted:
                    rest = text[..<index]
                    // Of bytes: a mark behind the comma would make one character of both.
                    return text[bytes.index(after: index)...]
                default: break
                }
            }
            rest = nil
            return text
        }
    }
}
