import NIOCore
import NIOHPACK
import NIOHTTP1

/// Translates between the heads of HTTP/2 and what an exchange knows.
enum HTTP2Heads {
    /// The request's head; nil where it is not one a server can mean.
    ///
    /// Heads that HTTP/1 could not carry are refused here, since an HTTP/1 server behind the gateway may read the
    /// same head:
    /// RFC 9113, sections 8.2.1 and 8.3.1. The order of pseudo-headers, upper case and connection headers are checked
    /// by the library.
    static func request(_ block: HPACKHeaders) -> HTTPRequestHead? {
        var method: String?
        var path: String?
        var authority: String?
        var headers = HTTPHeaders()
        headers.reserveCapacity(block.count)
        var hosts: [String] = []
        var lengths = 0
        for (name, value, _) in block {
            guard isSafe(value) else { return nil }
            switch name {
            case ":method": method = value
            case ":path": path = value
            case ":authority": authority = value
            case ":scheme": guard value == "https" || value == "http" else { return nil }
            case "host": hosts.append(value)
            case "content-length":
                lengths += 1
                headers.add(name: name, value: value)
            case "transfer-encoding": return nil
            default:
                guard !name.hasPrefix(":") else { return nil }
                headers.add(name: name, value: value)
            }
        }
        guard let method, let path, method != "CONNECT", lengths <= 1, hosts.count <= 1 else { return nil }
        guard path.utf8.first == UInt8(ascii: "/") || (path == "*" && method == "OPTIONS"), isTarget(path) else {
            return nil
        }
        if let authority, let host = hosts.first, authority.lowercased() != host.lowercased() { return nil }
        guard let host = authority ?? hosts.first, !host.isEmpty else { return nil }
        headers.add(name: "host", value: host)
        return HTTPRequestHead(version: .http2, method: HTTPMethod(rawValue: method), uri: path, headers: headers)
    }

    /// No control character but the tab, and no blank at the ends.
    private static func isSafe(_ value: String) -> Bool {
        let bytes = value.utf8
        guard bytes.first != 0x20, bytes.last != 0x20, bytes.first != 0x09, bytes.last != 0x09 else { return false }
        return bytes.allSatisfy { ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 }
    }

    private static func isTarget(_ path: String) -> Bool {
        path.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
    }

    /// An answer's head from header lines, each with its line break.
    ///
    /// Names come out in lower case; what belongs to an HTTP/1 connection is left out.
    static func response(status: Int, lines: ByteBuffer, contentLength: Int?) -> HPACKHeaders {
        var block = HPACKHeaders()
        block.reserveCapacity(8)
        block.add(name: ":status", value: String(status))
        for line in lines.readableBytesView.split(separator: 0x0A) {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
            if isOfConnection(name) { continue }
            var value = line[line.index(after: colon)...]
            while value.first == 0x20 { value = value.dropFirst() }
            while value.last == 0x0D || value.last == 0x20 { value = value.dropLast() }
            block.add(name: name, value: String(decoding: value, as: UTF8.self))
        }
        if let contentLength { block.add(name: "content-length", value: String(contentLength)) }
        return block
    }

    private static func isOfConnection(_ name: String) -> Bool {
        switch name {
        case "connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "content-length": true
        default: false
        }
    }
}
