import NIOHTTP1

/// What the head of an HTTP/1 request says of its body, or why it must not be believed.
///
/// A head that two readers could understand differently is refused: the bytes after it might be taken for a request of
/// their own by one of them (RFC 9112, sections 3.2, 6.1 and 6.3).
struct RequestFraming: Equatable {
    /// Nil for a chunked body and where the head names none.
    var contentLength: Int?
    var isChunked = false
    /// The client waits for `100 Continue` before it sends the body.
    var expectsContinue = false
    /// The client would like another protocol, which it does not get.
    var asksUpgrade = false

    /// What is wrong with a head.
    enum Fault: Error, Equatable {
        case contentLength, transferEncoding, host, target
    }

    init() {}

    /// One pass over the headers.
    init(_ head: HTTPRequestHead) throws(Fault) {
        var hosts = 0
        for header in head.headers {
            let name = header.name.utf8
            // Only names of these lengths can matter.
            switch name.count {
            case 4 where Self.matches(name, "host"):
                hosts += 1
            case 6 where Self.matches(name, "expect"):
                if Self.matches(header.value.utf8, "100-continue") { expectsContinue = true }
            case 7 where Self.matches(name, "upgrade"):
                asksUpgrade = true
            case 14 where Self.matches(name, "content-length"):
                guard contentLength == nil, let length = Self.decimal(header.value) else { throw .contentLength }
                contentLength = length
            case 17 where Self.matches(name, "transfer-encoding"):
                guard !isChunked, Self.matches(header.value.utf8, "chunked") else { throw .transferEncoding }
                isChunked = true
            default: break
            }
        }
        let isOld = head.version.major == 1 && head.version.minor == 0
        if isChunked, isOld || contentLength != nil { throw .transferEncoding }
        guard hosts == 1 || (isOld && hosts == 0) else { throw .host }
        if isOld { expectsContinue = false }
    }

    /// ASCII letters of either case; `pattern` in lower case.
    private static func matches(_ text: String.UTF8View, _ pattern: StaticString) -> Bool {
        guard text.count == pattern.utf8CodeUnitCount else { return false }
        return pattern.withUTF8Buffer { pattern in
            var index = 0
            for byte in text {
                let lower = (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
                guard lower == pattern[index] else { return false }
                index += 1
            }
            return true
        }
    }

    /// Digits only: no sign, no list, no blanks.
    private static func decimal(_ text: String) -> Int? {
        guard (1...18).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text)
    }
}
