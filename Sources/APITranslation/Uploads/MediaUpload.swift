import JSONBytes

/// Media in the body of a request that DashScope does not take inline: stored before the call is sent, which then holds
/// its link.
package struct MediaUpload: Equatable, Sendable {
    /// Where the base64 text stands in the body of the request, without what belongs to no JSON in front.
    package let text: Range<Int>
    /// Whether the text may hold escape sequences.
    package let hasEscapes: Bool
    package let mediaType: String
    /// Largest file that the model takes.
    package let maximumBytes: Int
    /// The caller's name of the place.
    package let param: String
    /// Where the link belongs in the native body, as a JSON string.
    package var place: Int

    /// What a kind of media may have at most, where only DashScope's permission to upload tells for which model.
    static let anySize = FilePlacement.longestStored

    /// The length of the text, where nothing in it has to be skipped.
    package var byteCount: Int { text.count / 4 * 3 }

    /// Media of a data URL.
    ///
    /// - Throws: A 413 for media that are too large.
    init(
        dataURL url: JSONValue,
        _ media: InlineMedia,
        _ kind: FilePlacement.Kind,
        _ param: String,
        maximumBytes: Int = anySize,
        place: Int = 0
    ) throws(APIError) {
        self = try MediaUpload(
            url,
            from: media.start,
            kind,
            type: media.mediaType,
            param,
            maximumBytes: maximumBytes,
            place: place
        )
    }

    /// Media that are given as base64 alone.
    init(
        base64: JSONValue,
        _ kind: FilePlacement.Kind,
        type: String,
        _ param: String,
        maximumBytes: Int = anySize,
        place: Int = 0
    ) throws(APIError) {
        self = try MediaUpload(
            base64,
            from: 0,
            kind,
            type: type,
            param,
            maximumBytes: maximumBytes,
            place: place
        )
    }

    private init(
        _ value: JSONValue,
        from start: Int,
        _ kind: FilePlacement.Kind,
        type: String,
        _ param: String,
        maximumBytes: Int,
        place: Int
    ) throws(APIError) {
        guard let type = FilePlacement.mediaType(type, as: kind) else { throw FilePlacement.wrongKind(param, kind) }
        // Behind the quote.
        let content = value.offset + 1
        text = content + start..<content + value.text.count - 2
        hasEscapes = value.hasEscapes
        mediaType = type
        self.maximumBytes = maximumBytes
        self.param = param
        self.place = place
        guard byteCount <= maximumBytes + 2 else { throw .fileTooLarge(limit: maximumBytes, param: param) }
    }

    /// The same in a body in which its part begins later.
    func moved(by count: Int) -> MediaUpload {
        var upload = self
        upload.place += count
        return upload
    }

    /// What a storage may call the file: what reads it may go by the ending.
    package var filename: String { "media.\(FilePlacement.ending(of: mediaType))" }

    /// Whether a string is a data URL whose data are too long to stand in a call.
    @inline(__always)
    static func isNeeded(for content: UnsafeRawBufferPointer, longest: Int) -> Bool {
        content.count > longest && isLong(content, longest)
    }

    private static func isLong(_ content: UnsafeRawBufferPointer, _ longest: Int) -> Bool {
        guard InlineMedia.isDataURL(content) else { return false }
        let comma = content.prefix(DataURLHead.longest).firstIndex(of: UInt8(ascii: ",")) ?? -1
        return content.count - comma - 1 > longest
    }
}
