import ByteWriting
import JSONBytes
import NIOCore

/// Media that stand in a request itself, looked at before anything is sent.
///
/// Their data are not decoded but for the first letters: one quick pass tells whether they are base64.
struct InlineMedia {
    /// The media type as DashScope reads it.
    let mediaType: String
    /// Where the data begin in the content of the string.
    let start: Int
    /// Whether the media type stands in the request as DashScope reads it.
    private let isNamed: Bool

    /// Reads the content of a JSON string; nil for a link.
    ///
    /// `otherwise` is the type of data that none is told of.
    ///
    /// - Throws: A 400 for what is neither a link nor a data URL, and for data that are empty, no base64 or of another kind.
    init?(
        _ content: UnsafeRawBufferPointer,
        _ kind: FilePlacement.Kind,
        otherwise: @autoclosure () -> String? = nil,
        _ param: @autoclosure () -> String
    ) throws(APIError) {
        guard GenerationWriter.starts(content, "data:") else {
            guard Self.isLink(content) else {
                throw .invalidValue(param(), "it must be a URL (https, http, oss) or a data URL.")
            }
            return nil
        }
        guard let head = DataURLHead(content) else {
            throw .invalidValue(param(), "it must be a data URL whose data are base64.")
        }
        start = head.length
        let named = FilePlacement.mediaType(head.mediaType, as: kind)
        guard named != nil || head.mediaType.isEmpty || head.mediaType == "application/octet-stream" else {
            throw FilePlacement.wrongKind(param(), kind)
        }
        // Browsers record sound as films.
        isNamed = head.mediaType.hasPrefix("\(kind.native)/")
        let signature = try Self.check(UnsafeRawBufferPointer(rebasing: content[start...]), kind, param())
        guard
            let type = named ?? signature.type(as: kind)
                ?? otherwise().flatMap({ FilePlacement.mediaType($0, as: kind) })
        else {
            throw .invalidValue(param(), "its data URL must name a media type, such as data:\(kind.example);base64,")
        }
        mediaType = type
    }

    /// Writes the data URL, with its media type where it lacks that or has another.
    func write(_ url: JSONValue, into output: inout ByteBuffer) {
        guard !isNamed, let content = url.escapedContent else { return output.writeJSON(url) }
        output.append("\"data:")
        output.append(text: mediaType)
        output.append(";base64,")
        output.append(bytes: UnsafeRawBufferPointer(rebasing: content[start...]))
        output.append("\"")
    }

    /// Whether a text is an address that DashScope follows.
    static func isLink(_ content: UnsafeRawBufferPointer) -> Bool {
        let schemes: [StaticString] = ["https:", "http:", "oss:"]
        return schemes.contains { scheme in
            guard content.count > scheme.utf8CodeUnitCount else { return false }
            return scheme.withUTF8Buffer { $0.elementsEqual(content.prefix($0.count)) { $0 == $1 || $0 == $1 | 0x20 } }
        }
    }

    // MARK: - Data

    /// Checks data in base64, and tells what they are.
    ///
    /// - Throws: A 400 for data that are empty, no base64 or plainly of another kind.
    @discardableResult
    static func check(
        _ data: UnsafeRawBufferPointer,
        _ kind: FilePlacement.Kind,
        _ param: @autoclosure () -> String
    ) throws(APIError) -> MediaSignature {
        guard !data.isEmpty else { throw .invalidValue(param(), "its data are empty.") }
        guard isPlain(data) || isBase64(data) else { throw .noBase64(param()) }
        var decoder = MediaDecoder()
        var first = ByteBuffer()
        _ = decoder.decode(UnsafeRawBufferPointer(rebasing: data.prefix(Self.firstLetters)), into: &first)
        let signature = MediaSignature(first)
        if let words = signature.contradiction(to: kind) { throw FilePlacement.wrongKind(param(), kind, is: words) }
        return signature
    }

    /// What the first bytes of a file may become as text, a few escape sequences among them.
    private static let firstLetters = MediaSignature.length * 2

    /// Whether a text is base64 as it should be: letters, then padding.
    private static func isPlain(_ data: UnsafeRawBufferPointer) -> Bool {
        let letters = Base64Letters.count(in: data)
        return data.count % 4 == 0 && letters > 0 && data.count - letters <= 2
            && data[letters...].allSatisfy { $0 == UInt8(ascii: "=") }
    }

    /// Whether a text is base64 all the same: with escape sequences and line breaks, or without padding.
    private static func isBase64(_ data: UnsafeRawBufferPointer) -> Bool {
        var decoder = MediaDecoder()
        var output = ByteBuffer()
        var hasBytes = false
        for place in stride(from: 0, to: data.count, by: 1 << 14) {
            output.clear()
            let piece = UnsafeRawBufferPointer(rebasing: data[place..<min(place + 1 << 14, data.count)])
            guard decoder.decode(piece, into: &output) else { return false }
            hasBytes = hasBytes || output.readableBytes > 0
        }
        return hasBytes && decoder.isComplete()
    }
}

/// What stands in front of the data of a data URL.
struct DataURLHead {
    /// Heads name a type and perhaps its parameters.
    static let longest = 256

    let mediaType: String
    /// Up to the data.
    let length: Int

    /// Reads the content of a JSON string; nil where the data are not base64.
    init?(_ content: UnsafeRawBufferPointer) {
        guard let comma = content.prefix(Self.longest).firstIndex(of: UInt8(ascii: ",")), comma >= 5 else { return nil }
        // PHP escapes slashes.
        let head = String(decoding: content[5..<comma].filter { $0 != UInt8(ascii: "\\") }, as: UTF8.self).lowercased()
        let parts = head.split(separator: ";", omittingEmptySubsequences: false)
        guard parts.count > 1, parts.last == "base64" else { return nil }
        mediaType = String(parts[0])
        length = comma + 1
    }
}
