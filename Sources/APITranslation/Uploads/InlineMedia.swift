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
    /// Whether it stands in the request as DashScope reads it.
    private let isReady: Bool

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
        guard Self.isDataURL(content) else {
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
        guard named != nil || head.namesNoKind else { throw FilePlacement.wrongKind(param(), kind) }
        let data = UnsafeRawBufferPointer(rebasing: content[start...])
        let isPlain = Self.isPlain(data)
        let signature = try Self.check(data, kind, isPlain: isPlain, param())
        guard
            let type = named ?? signature.type(as: kind)
                ?? otherwise().flatMap({ FilePlacement.mediaType($0, as: kind) })
        else {
            throw .invalidValue(param(), "its data URL must name a media type, such as data:\(kind.example);base64,")
        }
        // Browsers record sound as films.
        isReady = isPlain && head.isLowercase && head.mediaType.hasPrefix("\(kind.native)/")
        mediaType = type
    }

    /// Writes the data URL; anew where it has no media type or another, line breaks or no padding.
    func write(_ url: JSONValue, into output: inout ByteBuffer) {
        guard !isReady, let content = url.escapedContent else { return output.writeJSON(url) }
        output.append("\"data:")
        output.append(text: mediaType)
        output.append(";base64,")
        Self.write(UnsafeRawBufferPointer(rebasing: content[start...]), into: &output)
        output.append("\"")
    }

    /// Appends base64 as DashScope reads it: letters and padding, and nothing else.
    static func write(_ data: UnsafeRawBufferPointer, into output: inout ByteBuffer) {
        guard !isPlain(data) else { return output.append(bytes: data) }
        var decoder = MediaDecoder()
        var bytes = ByteBuffer()
        _ = decoder.decode(data, into: &bytes)
        bytes.withUnsafeReadableBytes { output.writeBase64($0) }
    }

    /// Whether a text is a data URL; schemes may be in capitals.
    static func isDataURL(_ content: UnsafeRawBufferPointer) -> Bool { starts(content, "data:") }

    /// Whether a text is an address that DashScope follows.
    static func isLink(_ content: UnsafeRawBufferPointer) -> Bool {
        let schemes: [StaticString] = ["https:", "http:", "oss:"]
        return schemes.contains { content.count > $0.utf8CodeUnitCount && starts(content, $0) }
    }

    /// Whether a link names a file in DashScope's storage, which is read with a header of the request only.
    static func isStored(_ content: UnsafeRawBufferPointer) -> Bool { starts(content, "oss:") }

    /// Whether a text begins with this, in small letters or capitals.
    private static func starts(_ content: UnsafeRawBufferPointer, _ scheme: StaticString) -> Bool {
        content.count >= scheme.utf8CodeUnitCount
            && scheme.withUTF8Buffer { $0.elementsEqual(content.prefix($0.count)) { $0 == $1 || $0 == $1 | 0x20 } }
    }

    // MARK: - Data

    /// Checks data in base64, and tells what they are.
    ///
    /// - Throws: A 400 for data that are empty, no base64 or plainly of another kind.
    @discardableResult
    static func check(
        _ data: UnsafeRawBufferPointer,
        _ kind: FilePlacement.Kind,
        isPlain: Bool? = nil,
        _ param: @autoclosure () -> String
    ) throws(APIError) -> MediaSignature {
        guard !data.isEmpty else { throw .invalidValue(param(), "its data are empty.") }
        guard isPlain ?? Self.isPlain(data) || isBase64(data) else { throw .noBase64(param()) }
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

    /// In small letters.
    let mediaType: String
    /// Up to the data.
    let length: Int
    /// Whether it stands so in the request.
    let isLowercase: Bool

    /// Whether its type, if there is one, does not say what the data are: `image`, and the types of octets.
    var namesNoKind: Bool {
        !mediaType.contains("/") || ["application/", "binary/"].contains { mediaType.hasPrefix($0) }
    }

    /// Reads the content of a JSON string; nil where the data are not base64.
    init?(_ content: UnsafeRawBufferPointer) {
        let beginning = content.prefix(Self.longest)
        // A parameter may have a comma of its own: `codecs=vp8,opus`.
        for comma in beginning.indices where beginning[comma] == UInt8(ascii: ",") && comma >= 5 {
            let text = Self.unescaped(content[..<comma])
            let head = text.lowercased()
            let parts = head.dropFirst("data:".count).split(separator: ";", omittingEmptySubsequences: false)
            guard parts.count > 1, parts.last?.drop(while: { $0 == " " }) == "base64" else { continue }
            (mediaType, length, isLowercase) = (String(parts[0]), comma + 1, head == text)
            return
        }
        return nil
    }

    /// The text of a head: PHP writes a slash as `\/`, others as `\u002f`.
    private static func unescaped(_ content: Slice<UnsafeRawBufferPointer>) -> String {
        guard content.contains(UInt8(ascii: "\\")) else { return String(decoding: content, as: UTF8.self) }
        return String(decoding: [UInt8](unescaping: UnsafeRawBufferPointer(rebasing: content)), as: UTF8.self)
    }
}
