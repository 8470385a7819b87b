import ByteWriting
import JSONBytes
import NIOCore

/// Links and inline data of media.
extension GenerationWriter {
    /// Appends `"kind":link` after checking the link; `type` is that of data that none is told of.
    mutating func writeMedia(
        _ kind: FilePlacement.Kind,
        _ url: JSONValue,
        type: @autoclosure () -> String? = nil,
        _ path: @autoclosure () -> String
    ) throws(APIError) {
        body.append("\"")
        body.append(kind.native)
        body.append("\":")
        try writeAddress(kind, url, type: type(), path())
    }

    /// Appends a link, and notes a temporary one; the place of inline data that are too large stays empty for theirs.
    mutating func writeAddress(
        _ kind: FilePlacement.Kind,
        _ url: JSONValue,
        type: @autoclosure () -> String? = nil,
        _ path: @autoclosure () -> String
    ) throws(APIError) {
        guard let content = url.escapedContent else { throw .wrongType(path(), expected: "string", got: url) }
        guard let media = try InlineMedia(content, kind, otherwise: type(), path()) else {
            if InlineMedia.isStored(content) { resolvesOSS = true }
            return body.writeJSON(url)
        }
        if MediaUpload.isNeeded(for: content, longest: options.maximumInline), mayStore {
            return store(try MediaUpload(dataURL: url, media, kind, path(), place: body.writerIndex))
        }
        media.write(url, into: &body)
    }

    /// Whether base64 without a type is too large to stand in the call; its link belongs where the body ends.
    ///
    /// - Throws: A 400 for data that are empty, no base64 or plainly of another kind.
    mutating func stores(
        _ base64: JSONValue,
        _ kind: FilePlacement.Kind,
        type: @autoclosure () -> String,
        _ path: @autoclosure () -> String
    ) throws(APIError) -> Bool {
        guard let content = base64.escapedContent else { throw .wrongType(path(), expected: "string", got: base64) }
        try InlineMedia.check(content, kind, path())
        guard content.count > options.maximumInline, mayStore else { return false }
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
