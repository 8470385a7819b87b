import ByteWriting
import JSONBytes
import NIOCore

/// Links and inline data of media.
extension GenerationWriter {
    /// Appends `"kind":link` after checking the link.
    mutating func writeMedia(
        _ kind: FilePlacement.Kind,
        _ url: JSONValue,
        _ path: @autoclosure () -> String
    ) throws(APIError) {
        body.append("\"")
        body.append(kind.native)
        body.append("\":")
        try writeAddress(kind, url, path())
    }

    /// Appends a link, and notes a temporary one; the place of inline data that are too large stays empty for theirs.
    mutating func writeAddress(
        _ kind: FilePlacement.Kind,
        _ url: JSONValue,
        _ path: @autoclosure () -> String
    ) throws(APIError) {
        guard let content = url.escapedContent else { throw .wrongType(path(), expected: "string", got: url) }
        if Self.starts(content, "oss:") {
            resolvesOSS = true
        } else if MediaUpload.isNeeded(for: content, longest: options.maximumInline), mayStore {
            return store(try MediaUpload(dataURL: url, kind, path(), place: body.writerIndex))
        }
        body.writeJSON(url)
    }

    /// Whether base64 without a type is too large to stand in the call; its link belongs where the body ends.
    mutating func stores(
        _ base64: JSONValue,
        _ kind: FilePlacement.Kind,
        type: @autoclosure () -> String,
        _ path: @autoclosure () -> String
    ) throws(APIError) -> Bool {
        guard base64.text.count - 2 > options.maximumInline, mayStore else { return false }
        store(try MediaUpload(base64: base64, kind, type: type(), path(), place: body.writerIndex))
        return true
    }

    /// Appends the name of sound that is given as base64; whether its place stays empty, because it is too large.
    mutating func storesSound(_ data: JSONValue, _ format: JSONValue?, _ path: @autoclosure () -> String)
        throws(APIError) -> Bool
    {
        body.append("\"audio\":")
        return try stores(data, .audio, type: "audio/\(format?.string ?? "wav")", path())
    }

    /// An app, which refuses inline data, has no model for which something could be stored.
    private var mayStore: Bool { model.appID == nil }

    private mutating func store(_ upload: MediaUpload) {
        uploads.append(upload)
        resolvesOSS = true
    }

    static func starts(_ bytes: UnsafeRawBufferPointer, _ prefix: StaticString) -> Bool {
        guard bytes.count >= prefix.utf8CodeUnitCount else { return false }
        for index in 0..<prefix.utf8CodeUnitCount where bytes[index] != prefix.utf8Start[index] { return false }
        return true
    }
}
