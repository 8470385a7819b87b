/// A model name for comparison by rule: lower case, with and without the vendor in front of a slash.
struct ModelName {
    private let bytes: [UInt8]
    private let baseStart: Int

    init(_ name: String) {
        bytes = name.utf8.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
        baseStart = (bytes.lastIndex(of: UInt8(ascii: "/")) ?? -1) + 1
    }

    /// The name in lower case.
    var folded: String { String(decoding: bytes, as: UTF8.self) }

    /// Whether the name behind the vendor begins so.
    func begins(_ prefix: StaticString) -> Bool {
        matches(prefix, at: baseStart)
    }

    /// Whether the name ends so.
    func ends(_ suffix: StaticString) -> Bool {
        let start = bytes.count - suffix.utf8CodeUnitCount
        return start >= baseStart && matches(suffix, at: start)
    }

    /// Whether the name behind the vendor holds these characters.
    func holds(_ part: StaticString) -> Bool {
        let length = part.utf8CodeUnitCount
        let start = part.utf8Start
        return bytes.withUnsafeBufferPointer { bytes in
            let last = bytes.count - length
            guard baseStart <= last else { return false }
            search: for position in baseStart...last where bytes[position] == start[0] {
                for index in 1..<length where bytes[position + index] != start[index] { continue search }
                return true
            }
            return false
        }
    }

    /// The number right behind this beginning: `glm-5.2` → (5, 2), `qwen3-32b` → (3, nil).
    func version(after prefix: StaticString) -> (major: Int, minor: Int?)? {
        guard begins(prefix) else { return nil }
        var position = baseStart + prefix.utf8CodeUnitCount
        guard let major = number(&position) else { return nil }
        guard position < bytes.count, bytes[position] == UInt8(ascii: ".") else { return (major, nil) }
        position += 1
        return (major, number(&position))
    }

    private func number(_ position: inout Int) -> Int? {
        let start = position
        var value = 0
        // Four digits are more than any version has.
        while position < bytes.count, position < start + 4, bytes[position] &- 0x30 < 10 {
            value = value * 10 + Int(bytes[position] - 0x30)
            position += 1
        }
        return position > start ? value : nil
    }

    private func matches(_ text: StaticString, at start: Int) -> Bool {
        guard start + text.utf8CodeUnitCount <= bytes.count else { return false }
        for index in 0..<text.utf8CodeUnitCount where bytes[start + index] != text.utf8Start[index] { return false }
        return true
    }
}

// MARK: - Suffixes

extension ModelName {
    /// The name without region, date and `-latest`: `qwen-plus-2025-12-01-us` → `qwen-plus`; nil without a suffix.
    ///
    /// Each step is a candidate of its own, the longest first.
    static func withoutSuffixes(_ name: String) -> [String] {
        var candidates: [String] = []
        var rest = Array(name.utf8)[...]
        if rest.reversed().starts(with: "su-".utf8) {
            rest = rest.dropLast(3)
            candidates.append(String(decoding: rest, as: UTF8.self))
        }
        if rest.reversed().starts(with: "tsetal-".utf8) {
            rest = rest.dropLast(7)
        } else if isDate(rest.suffix(11)) {
            rest = rest.dropLast(11)
        } else if isShortDate(rest.suffix(5)) {
            rest = rest.dropLast(5)
        } else {
            return candidates
        }
        candidates.append(String(decoding: rest, as: UTF8.self))
        return candidates
    }

    /// `-YYYY-MM-DD`.
    static func isDate(_ suffix: ArraySlice<UInt8>) -> Bool {
        suffix.count == 11
            && suffix.enumerated().allSatisfy { offset, byte in
                offset == 0 || offset == 5 || offset == 8 ? byte == UInt8(ascii: "-") : byte &- 0x30 < 10
            }
    }

    /// `-MMDD`.
    private static func isShortDate(_ suffix: ArraySlice<UInt8>) -> Bool {
        suffix.count == 5 && suffix.first == UInt8(ascii: "-") && suffix.dropFirst().allSatisfy { $0 &- 0x30 < 10 }
    }

    /// The longest of these names that this name begins with before a `-`, `_` or `:`, and what follows it.
    ///
    /// One walk over the name: beginnings are looked up by a hash that grows with them, and never made.
    static func family(of name: String, in names: NamePrefixes) -> (position: Int, rest: String)? {
        var name = name
        return name.withUTF8 { bytes in
            var found: (position: Int, end: Int)?
            var hash = NamePrefixes.Hash()
            for (end, byte) in bytes.enumerated() {
                if byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ":"),
                    let position = names.position(hash, UnsafeBufferPointer(rebasing: bytes[..<end]))
                {
                    found = (position, end)
                }
                hash.add(byte)
            }
            return found.map { ($0.position, String(decoding: bytes[$0.end...], as: UTF8.self)) }
        }
    }
}
