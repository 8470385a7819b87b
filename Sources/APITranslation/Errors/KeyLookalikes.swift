/// Finds texts that look like API keys.
package enum KeyLookalikes {
    /// Whether the beginning of such a key stands anywhere; quick, for names that are looked at for each request.
    package static func mayStand(in text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var index = 2
            while index < bytes.count {
                if bytes[index] == UInt8(ascii: "-"), bytes[index - 1] == UInt8(ascii: "k"),
                    bytes[index - 2] == UInt8(ascii: "s")
                {
                    return true
                }
                index += 1
            }
            return false
        }
    }

    /// Replaces what looks like an API key.
    package static func redacted(_ message: String) -> String {
        guard mayStand(in: message) else { return message }
        var result = ""
        var rest = message[...]
        while let start = rest.firstRange(of: "sk-") {
            let isWordStart =
                start.lowerBound == message.startIndex
                || !(message[message.index(before: start.lowerBound)].isLetter)
            result += rest[..<start.upperBound]
            rest = rest[start.upperBound...]
            let key = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" || $0 == "*") }
            guard isWordStart, key.count >= 6 else { continue }
            result += "***"
            rest = rest[key.endIndex...]
        }
        return result + rest
    }
}
