/// The rules of W3C's `tracestate`: a list of `key=value` that vendors pass to one another.
enum TraceState {
    /// Bytes that every implementation passes on; longer lists are dropped.
    static let maximumBytes = 512
    static let maximumMembers = 32

    /// Whether the list may be passed on.
    static func isValid(_ text: String) -> Bool {
        guard text.utf8.count <= maximumBytes else { return false }
        var keys: [ArraySlice<UInt8>] = []
        for member in Array(text.utf8).split(separator: UInt8(ascii: ",")) {
            let member = trimmed(member)
            if member.isEmpty { continue }
            guard let sign = member.firstIndex(of: UInt8(ascii: "=")) else { return false }
            let key = member[..<sign]
            guard isKey(key), isValue(member[(sign + 1)...]) else { return false }
            guard keys.count < maximumMembers, !keys.contains(key) else { return false }
            keys.append(key)
        }
        return !keys.isEmpty
    }

    private static func trimmed(_ member: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var member = member
        while let first = member.first, first == 0x20 || first == 0x09 { member.removeFirst() }
        while let last = member.last, last == 0x20 || last == 0x09 { member.removeLast() }
        return member
    }

    /// `name` or `tenant@system`; the first letter may be a digit, as the second level of the standard has it.
    private static func isKey(_ key: ArraySlice<UInt8>) -> Bool {
        let parts = key.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        switch parts.count {
        case 1: return isName(parts[0], limit: 256)
        case 2: return isName(parts[0], limit: 241) && isName(parts[1], limit: 14)
        default: return false
        }
    }

    private static func isName(_ name: ArraySlice<UInt8>, limit: Int) -> Bool {
        guard let first = name.first, name.count <= limit else { return false }
        let isLetterOrDigit = { (byte: UInt8) in (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) }
        return isLetterOrDigit(first) && name.allSatisfy { isLetterOrDigit($0) || "_-*/".utf8.contains($0) }
    }

    private static func isValue(_ value: ArraySlice<UInt8>) -> Bool {
        !value.isEmpty && value.count <= 256 && value.allSatisfy { $0 >= 0x20 && $0 <= 0x7E && $0 != 0x3D }
    }
}
