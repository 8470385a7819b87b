import NIOHTTP1

/// The fields of a request head, read strictly from its bytes.
struct RequestFields {
    private(set) var method = HTTPMethod.GET
    /// The method is a word that no standard or extension we know has given a meaning.
    private(set) var isUnknownMethod = false
    private(set) var target = ""
    private(set) var isHTTP10 = false
    /// Length of the request line with its CR LF.
    private(set) var firstLine = 0
    private(set) var names = NameFilter()
    /// How many lines there are.
    private(set) var count = 0
    private(set) var contentLength: Int?
    private(set) var isChunked = false
    private(set) var expectsContinue = false
    private var hosts = 0
    /// Lines with credentials; of two, others might read another than we.
    private(set) var authorizations = 0
    private var closes = false
    private var keepsAlive = false

    var isKeepAlive: Bool { !closes && (keepsAlive || !isHTTP10) }

    /// Reads `length` bytes, the empty line included; nil where they are no request.
    init?(_ bytes: Span<UInt8>, length: Int, lastTarget: String) {
        guard length <= bytes.count, readRequestLine(bytes, length, lastTarget) else { return nil }
        var position = firstLine
        while position < length - 2 {
            guard let line = FieldLine(bytes, at: position), line.end + 2 <= length, note(line, bytes) else {
                return nil
            }
            position = line.end + 2
            count += 1
        }
        guard position == length - 2, isHTTP10 ? hosts <= 1 : hosts == 1 else { return nil }
        // Both are an attempt to smuggle a request; HTTP/1.0 knows no chunks.
        if isChunked, contentLength != nil || isHTTP10 { return nil }
    }

    /// Whether this line, its CR LF included, may stand behind the last chunk.
    static func isTrailerLine(_ bytes: Span<UInt8>, length: Int) -> Bool {
        guard let line = FieldLine(bytes, at: 0), line.end + 2 == length else { return false }
        // Framing and routing were decided before the body.
        return !line.name(bytes, is: "content-length") && !line.name(bytes, is: "transfer-encoding")
            && !line.name(bytes, is: "host") && !line.name(bytes, is: "connection")
    }

    // MARK: - Request line

    private mutating func readRequestLine(_ bytes: Span<UInt8>, _ length: Int, _ lastTarget: String) -> Bool {
        guard let lineFeed = bytes.firstIndex(of: 0x0A, from: 0), lineFeed < length else { return false }
        // CR LF, "HTTP/1.x" and the blank before it.
        let blank = lineFeed - 10
        guard blank > 3, bytes[blank] == 0x20, bytes[lineFeed - 1] == 0x0D,
            bytes.matches("HTTP/1.", at: blank + 1)
        else { return false }
        switch bytes[blank + 8] {
        case UInt8(ascii: "1"): isHTTP10 = false
        case UInt8(ascii: "0"): isHTTP10 = true
        default: return false
        }
        firstLine = lineFeed + 1
        var end = 0
        while end < 16, bytes[end] &- 0x41 < 26 || bytes[end] == UInt8(ascii: "-") { end += 1 }
        guard end > 0, end < blank - 1, bytes[end] == 0x20, readMethod(bytes, end) else { return false }
        return readTarget(bytes, end + 1, blank, lastTarget)
    }

    private mutating func readMethod(_ bytes: Span<UInt8>, _ end: Int) -> Bool {
        if end == 4, bytes.matches("POST", at: 0) {
            method = .POST
        } else if end == 3, bytes.matches("GET", at: 0) {
            method = .GET
        } else {
            method = HTTPMethod(rawValue: bytes.text(0, end))
            switch method {
            case .RAW: isUnknownMethod = true
            // A tunnel is asked of a proxy.
            case .CONNECT: return false
            default: break
            }
        }
        return true
    }

    private mutating func readTarget(_ bytes: Span<UInt8>, _ start: Int, _ end: Int, _ lastTarget: String) -> Bool {
        let last = lastTarget.utf8.span
        if last.count == end - start {
            var length = 0
            while length < last.count, bytes[start + length] == last[length] { length += 1 }
            if length == last.count {
                target = lastTarget
                return true
            }
        }
        for position in start..<end {
            // No blanks, controls or bytes beyond ASCII, and no fragment: it is never sent.
            guard bytes[position] &- 0x21 < 0x5E, bytes[position] != UInt8(ascii: "#") else { return false }
        }
        if bytes[start] != UInt8(ascii: "/") {
            guard
                isAbsolute(bytes, start, end)
                    || (method == .OPTIONS && end - start == 1 && bytes[start] == UInt8(ascii: "*"))
            else { return false }
        }
        target = bytes.text(start, end)
        return true
    }

    /// Whether the target is `http://host…` or `https://host…`, as proxies get it.
    private func isAbsolute(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
        let scheme: Int
        if end - start > 7, bytes.matches("http://", at: start) {
            scheme = 7
        } else if end - start > 8, bytes.matches("https://", at: start) {
            scheme = 8
        } else {
            return false
        }
        var position = start + scheme
        while position < end, Self.isHostByte(bytes[position]) { position += 1 }
        return position > start + scheme
            && (position == end || bytes[position] == UInt8(ascii: "/") || bytes[position] == UInt8(ascii: "?"))
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"),
            UInt8(ascii: "_"):
            true
        default: false
        }
    }

    // MARK: - Fields

    /// Takes in one field; false where it makes the request unreadable.
    @inline(__always)
    private mutating func note(_ line: FieldLine, _ bytes: Span<UInt8>) -> Bool {
        names.insert(first: bytes[line.start], count: line.nameLength)
        // Six names matter here; their lengths are rare enough to tell most others apart.
        switch line.nameLength {
        case 4 where line.name(bytes, is: "host"):
            hosts += 1
            for position in line.valueStart..<line.valueEnd where !Self.isHostByte(bytes[position]) { return false }
        case 6 where line.name(bytes, is: "expect"):
            if !isHTTP10, line.value(bytes, is: "100-continue") { expectsContinue = true }
        case 10 where line.name(bytes, is: "connection"):
            noteConnection(bytes, line.valueStart, line.valueEnd)
        case 13 where line.name(bytes, is: "authorization"): authorizations += 1
        case 14 where line.name(bytes, is: "content-length"):
            guard !line.endsWithTab(bytes) else { return false }
            return noteContentLength(bytes, line.valueStart, line.valueEnd)
        case 17 where line.name(bytes, is: "transfer-encoding"):
            // Two codings, or one we cannot undo, would leave the end of the body to guessing.
            guard !isChunked, line.value(bytes, is: "chunked"), !line.endsWithTab(bytes) else { return false }
            isChunked = true
        default: break
        }
        return true
    }

    private mutating func noteContentLength(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
        // Digits only, once: a list of equal lengths is not worth the doubt.
        guard contentLength == nil, end > start, end - start <= 18 else { return false }
        var length = 0
        for position in start..<end {
            let digit = bytes[position] &- 0x30
            guard digit < 10 else { return false }
            length = length * 10 + Int(digit)
        }
        contentLength = length
        return true
    }

    private mutating func noteConnection(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) {
        var first = start
        while first < end {
            var comma = first
            while comma < end, bytes[comma] != UInt8(ascii: ",") { comma += 1 }
            let (word, wordEnd) = bytes.trimmed(first, comma)
            if bytes.matchesIgnoringCase("close", word, wordEnd) { closes = true }
            if bytes.matchesIgnoringCase("keep-alive", word, wordEnd) { keepsAlive = true }
            first = comma + 1
        }
    }
}

/// The places of one `name: value` line.
struct FieldLine {
    let start: Int
    let nameLength: Int
    let valueStart: Int
    let valueEnd: Int
    /// Where its CR stands.
    let end: Int

    /// Reads the line that begins at `start`; nil where it is malformed.
    @inline(__always)
    init?(_ bytes: Span<UInt8>, at start: Int) {
        var colon = start
        while colon < bytes.count, Self.isToken(bytes[colon]) { colon += 1 }
        // No name, a blank before the colon, or a line that continues the one before.
        guard colon > start, colon < bytes.count, bytes[colon] == UInt8(ascii: ":") else { return nil }
        var end = bytes.firstControl(from: colon + 1)
        while end < bytes.count, bytes[end] == 0x09 { end = bytes.firstControl(from: end + 1) }
        guard end + 1 < bytes.count, bytes[end] == 0x0D, bytes[end + 1] == 0x0A else { return nil }
        (valueStart, valueEnd) = bytes.trimmed(colon + 1, end)
        self.start = start
        self.end = end
        nameLength = colon - start
    }

    func name(_ bytes: Span<UInt8>, is other: StaticString) -> Bool {
        bytes.matchesIgnoringCase(other, start, start + nameLength)
    }

    func value(_ bytes: Span<UInt8>, is other: StaticString) -> Bool {
        bytes.matchesIgnoringCase(other, valueStart, valueEnd)
    }

    /// Whether tabs are among the blanks behind the value, which some readers take for a part of it.
    func endsWithTab(_ bytes: Span<UInt8>) -> Bool {
        for position in valueEnd..<end where bytes[position] == 0x09 { return true }
        return false
    }

    /// The characters of a token (RFC 9110, section 5.6.2), as two words of bits.
    @inline(__always)
    private static func isToken(_ byte: UInt8) -> Bool {
        let low: UInt64 = 0x03FF_6CFA_0000_0000
        let high: UInt64 = 0x57FF_FFFF_C7FF_FFFE
        let word = byte < 64 ? low : high
        return byte < 128 && (word >> UInt64(byte & 63)) & 1 == 1
    }
}
