import HTTPServing
import NIOCore
import NIOHTTP1

/// A whole body of `multipart/form-data`, by RFC 7578.
struct FormData: Sendable {
    struct Part: Sendable {
        var name: String
        var filename: String?
        var contentType: String?
        var content: ByteBuffer

        var text: String { String(buffer: content) }
    }

    /// In the order of the body.
    var parts: [Part]

    /// The first part with a name.
    subscript(name: String) -> Part? { parts.first { $0.name == name } }

    /// Reads a request's body; nil where it is no form, or is cut short.
    init?(_ request: HTTPRequest) {
        guard let type = request.headers.first(name: "Content-Type"),
            type.lowercased().hasPrefix("multipart/form-data"),
            let boundary = Self.parameters(of: type)["boundary"], (1...70).contains(boundary.utf8.count)
        else { return nil }
        parts = []
        var body = request.body
        guard body.readString(length: boundary.utf8.count + 2) == "--\(boundary)" else { return nil }
        let delimiter = Array("\r\n--\(boundary)".utf8)
        while true {
            guard let end = body.readString(length: 2) else { return nil }
            if end == "--" { return }
            guard end == "\r\n", let head = Self.readHead(&body),
                let length = Self.length(in: body, before: delimiter),
                let content = body.readSlice(length: length)
            else { return nil }
            body.moveReaderIndex(forwardBy: delimiter.count)
            guard let part = Self.part(head, content: content) else { return nil }
            parts.append(part)
        }
    }

    /// The lines of a part's head; the empty line behind them is read as well.
    private static func readHead(_ body: inout ByteBuffer) -> [String]? {
        var lines: [String] = []
        while lines.count < 32 {
            guard let length = length(in: body, before: Array("\r\n".utf8)), length < 8_192,
                let line = body.readString(length: length)
            else { return nil }
            body.moveReaderIndex(forwardBy: 2)
            if line.isEmpty { return lines }
            lines.append(line)
        }
        return nil
    }

    private static func length(in body: ByteBuffer, before delimiter: [UInt8]) -> Int? {
        var rest = body.readableBytesView
        while let place = rest.firstIndex(of: UInt8(ascii: "\r")) {
            // Large files are full of carriage returns: most are told apart by the next byte.
            if body.getInteger(at: place + 1) == UInt8(ascii: "\n"),
                body.getBytes(at: place, length: delimiter.count) == delimiter
            {
                return place - body.readerIndex
            }
            rest = rest[(place + 1)...]
        }
        return nil
    }

    private static func part(_ lines: [String], content: ByteBuffer) -> Part? {
        var part: Part?
        var type: String?
        for line in lines {
            guard let colon = line.firstIndex(of: ":") else { return nil }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            switch line[..<colon].lowercased() {
            case "content-disposition":
                guard value.hasPrefix("form-data") else { return nil }
                let parameters = parameters(of: value)
                guard let name = parameters["name"] else { return nil }
                var filename = parameters["filename"]
                if let extended = parameters["filename*"] {
                    // `UTF-8''` stands before the percent-encoded name.
                    filename = extended.split(separator: "'", omittingEmptySubsequences: false).last.flatMap {
                        String($0).percentDecoded
                    }
                }
                part = Part(name: name, filename: filename, content: content)
            case "content-type": type = String(value)
            default: continue
            }
        }
        part?.contentType = type
        return part
    }

    /// The parameters behind the first semicolon of a header's value; names in lower case.
    private static func parameters(of value: some StringProtocol) -> [String: String] {
        var found: [String: String] = [:]
        var rest = Substring(value).drop { $0 != ";" }
        while rest.popFirst() != nil {
            rest = rest.drop { $0 == " " }
            let name = rest.prefix { $0 != "=" && $0 != ";" }
            rest = rest.dropFirst(name.count)
            guard rest.first == "=" else { continue }
            rest.removeFirst()
            var text = ""
            if rest.first == "\"" {
                rest.removeFirst()
                while let character = rest.popFirst(), character != "\"" {
                    text.append(character == "\\" ? rest.popFirst() ?? character : character)
                }
                rest = rest.drop { $0 != ";" }
            } else {
                text = String(rest.prefix { $0 != ";" })
                rest = rest.dropFirst(text.count)
            }
            found[name.lowercased()] = text
        }
        return found
    }
}
