extension ClientAddress {
    /// Reads `192.0.2.1`, `2001:db8::1`, `::ffff:192.0.2.1`; a zone id (`fe80::1%eth0`) is dropped; nil for anything
    /// else.
    package init?(_ text: some StringProtocol) {
        var text = Substring(text)
        if let zone = text.utf8.firstIndex(of: UInt8(ascii: "%")) {
            guard text.utf8.contains(UInt8(ascii: ":")), text.index(after: zone) < text.endIndex else { return nil }
            text = text[..<zone]
        }
        if text.utf8.contains(UInt8(ascii: ":")) {
            guard let bits = Self.ipv6(text.utf8) else { return nil }
            self.init(bits: bits)
        } else {
            guard let number = Self.ipv4(text.utf8) else { return nil }
            self.init(ipv4: number)
        }
    }

    /// Reads an address as proxies write it: also `192.0.2.1:4711`, `[2001:db8::1]` and `[2001:db8::1]:4711`.
    init?(withPort text: some StringProtocol) {
        var text = Substring(text)
        if text.utf8.first == UInt8(ascii: "[") {
            guard let end = text.utf8.lastIndex(of: UInt8(ascii: "]")) else { return nil }
            let rest = text[text.index(after: end)...]
            guard rest.isEmpty || rest.first == ":" && Self.isPort(rest.dropFirst()) else { return nil }
            text = text[..<end].dropFirst()
            guard text.utf8.contains(UInt8(ascii: ":")) else { return nil }
        } else if let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")), text.utf8.contains(UInt8(ascii: ".")),
            text.utf8.lastIndex(of: UInt8(ascii: ":")) == colon
        {
            guard Self.isPort(text[text.index(after: colon)...]) else { return nil }
            text = text[..<colon]
        }
        self.init(text)
    }

    /// An obfuscated port (RFC 7239, section 6.3) is as good as a number: it is not used.
    private static func isPort(_ text: Substring) -> Bool {
        if text.utf8.first == UInt8(ascii: "_") { return text.utf8.count > 1 }
        return (1...5).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// Four decimal numbers without leading zeros, which some programs would read as octal.
    private static func ipv4(_ text: Substring.UTF8View) -> UInt32? {
        var result: UInt32 = 0
        var parts = 0
        for part in text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
            parts += 1
            guard parts <= 4, (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0") else {
                return nil
            }
            var number: UInt32 = 0
            for byte in part {
                guard (0x30...0x39).contains(byte) else { return nil }
                number = number * 10 + UInt32(byte - 0x30)
            }
            guard number <= 255 else { return nil }
            result = result << 8 | number
        }
        return parts == 4 ? result : nil
    }

    /// Eight groups; one run of zero groups may be `::`, and the last two may be an IPv4 address.
    private static func ipv6(_ text: Substring.UTF8View) -> UInt128? {
        guard text.count <= 45 else { return nil }
        var head: [UInt16] = []
        var tail: [UInt16] = []
        var isCompressed = false
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if part.isEmpty {
                // The empty parts of "::" at the start or the end come in pairs, in the middle alone.
                let isEdge = index == 0 || index == parts.count - 1
                if isEdge {
                    let neighbour = index == 0 ? 1 : index - 1
                    guard parts.count > 2, parts[neighbour].isEmpty else { return nil }
                } else {
                    guard !isCompressed else { return nil }
                    isCompressed = true
                }
                continue
            }
            var groups: [UInt16]
            if index == parts.count - 1, part.contains(UInt8(ascii: ".")) {
                guard let number = ipv4(part) else { return nil }
                groups = [UInt16(truncatingIfNeeded: number >> 16), UInt16(truncatingIfNeeded: number)]
            } else {
                guard let group = group(part) else { return nil }
                groups = [group]
            }
            if isCompressed { tail += groups } else { head += groups }
        }
        let count = head.count + tail.count
        guard isCompressed ? count <= 7 : count == 8 else { return nil }
        return (head + Array(repeating: 0, count: 8 - count) + tail).reduce(0) { $0 << 16 | UInt128($1) }
    }

    private static func group(_ text: Substring.UTF8View) -> UInt16? {
        guard (1...4).contains(text.count) else { return nil }
        var number: UInt16 = 0
        for byte in text {
            switch byte {
            case 0x30...0x39: number = number << 4 | UInt16(byte - 0x30)
            case 0x41...0x46: number = number << 4 | UInt16(byte - 0x37)
            case 0x61...0x66: number = number << 4 | UInt16(byte - 0x57)
            default: return nil
            }
        }
        return number
    }
}

extension ClientAddress: CustomStringConvertible {
    /// The address in the one form of RFC 5952; IPv4 with dots.
    package var description: String {
        if isIPv4 {
            return "\(bits >> 24 & 255).\(bits >> 16 & 255).\(bits >> 8 & 255).\(bits & 255)"
        }
        let groups = (0..<8).map { UInt16(truncatingIfNeeded: bits >> UInt128(112 - 16 * $0)) }
        var run = 0..<0
        var start = 0
        while start < 8 {
            let end = groups[start...].firstIndex { $0 != 0 } ?? 8
            if end - start > max(run.count, 1) { run = start..<end }
            start = end + 1
        }
        func text(_ part: ArraySlice<UInt16>) -> String {
            part.map { String($0, radix: 16) }.joined(separator: ":")
        }
        return run.isEmpty
            ? text(groups[...]) : "\(text(groups[..<run.lowerBound]))::\(text(groups[run.upperBound...]))"
    }
}
