import ByteWriting
import JSONBytes

/// Links and inline data of media.
extension GenerationWriter {
    /// DashScope's limit for one inline item, in bytes once decoded.
    static let inlineLimit = 10_485_760

    /// Appends `"kind":link` after checking the link.
    mutating func writeMedia(_ kind: StaticString, _ url: JSONValue, _ path: @autoclosure () -> String) throws(APIError)
    {
        try checkMedia(url, path())
        body.append("\"")
        body.append(kind)
        body.append("\":")
        body.writeJSON(url)
    }

    /// Notes a temporary link, and refuses inline data that are too large.
    mutating func checkMedia(_ url: JSONValue, _ path: @autoclosure () -> String) throws(APIError) {
        guard let content = url.escapedContent else { throw .wrongType(path(), expected: "string", got: url) }
        if Self.starts(content, "oss:") {
            resolvesOSS = true
        } else if Self.starts(content, "data:") {
            try checkSize(content.count, path())
        }
    }

    func checkSize(_ encoded: Int, _ path: @autoclosure () -> String) throws(APIError) {
        guard encoded / 4 * 3 > Self.inlineLimit + 1024 else { return }
        let path = path()
        throw APIError(
            status: 413,
            message: "Invalid '\(path)': inline data may hold \(Self.inlineLimit) bytes at most. Send a URL instead.",
            type: "invalid_request_error",
            code: "request_too_large",
            param: path
        )
    }

    static func starts(_ bytes: UnsafeRawBufferPointer, _ prefix: StaticString) -> Bool {
        guard bytes.count >= prefix.utf8CodeUnitCount else { return false }
        for index in 0..<prefix.utf8CodeUnitCount where bytes[index] != prefix.utf8Start[index] { return false }
        return true
    }
}
