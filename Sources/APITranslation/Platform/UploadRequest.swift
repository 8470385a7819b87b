import ByteWriting
package import JSONBytes
package import NIOCore
import WireFormats

/// A request for an upload in parts: what the file will be, when its parts are put together.
///
/// Source: OpenAI API reference, "Uploads".
package struct UploadRequest: Equatable, Sendable {
    /// The largest part.
    package static let largestPart = 64 << 20
    private static let longestName = 1024
    private static let longestType = 255

    private static let fields: [RequestField] = [
        RequestField("filename", .string, .local, "", "Required."),
        RequestField("purpose", .string, .local, "", "Required."),
        RequestField("bytes", .integer, .local, "", "Required. What all parts have together."),
        RequestField("mime_type", .string, .local, "", "Required."),
        RequestField("expires_after", .object, .ignored, "", "Reported: files are kept until they are deleted."),
    ]

    package var filename: String
    /// The caller's word for the purpose.
    package var word: String
    package var purpose: FilePurpose
    package var bytes: Int
    package var mimeType: String
    package var adjustments = AdjustmentList()

    /// Reads the body of `POST /v1/uploads`.
    ///
    /// - Throws: A 400 that names the field, a 413 for a file that DashScope does not take; with `strict` a 400 also for what
    ///   would be left out.
    package init(
        _ body: ByteBuffer,
        tape: JSONTape,
        options: TranslationOptions,
        strict: Bool
    ) throws(APIError) {
        self = try RequestBody.read(body, tape: tape, options: options) { (body) throws(APIError) -> UploadRequest in
            try UploadRequest(try RequestFields(body.root, Self.fields), body.adjustments)
        }
        if strict, let refusal = adjustments.refusal { throw refusal }
    }

    private init(_ fields: RequestFields, _ adjustments: AdjustmentList) throws(APIError) {
        self.adjustments = adjustments
        filename = try Self.text("filename", in: fields, limit: Self.longestName)
        word = try Self.text("purpose", in: fields, limit: Self.longestType)
        purpose = try FilePurpose(word)
        mimeType = try Self.text("mime_type", in: fields, limit: Self.longestType)
        guard let bytes = fields["bytes"]?.integer else { throw .missing("bytes") }
        self.bytes = bytes
        guard bytes >= 1 else {
            throw .invalidRequest(
                "Invalid 'bytes': integer below minimum value. Expected a value >= 1, but got \(bytes) instead.",
                param: "bytes",
                code: "integer_below_min_value"
            )
        }
        let limit = purpose.maximumBytes(filename: filename)
        guard bytes <= limit else { throw .uploadTooLarge(limit: limit, "DashScope takes for \(purpose.rawValue)") }
        if fields["expires_after"] != nil {
            self.adjustments.add(
                "expires_after",
                from: "object",
                to: "none",
                reason: "files are kept until they are deleted"
            )
        }
        for member in fields.unknown {
            let name = KeyLookalikes.redacted(String((member.name.string ?? "").prefix(64)))
            self.adjustments.add(name, from: "value", to: "none", reason: "no counterpart upstream")
        }
    }

    private static func text(_ name: StaticString, in fields: RequestFields, limit: Int) throws(APIError) -> String {
        guard let value = fields[name], !value.isEmptyString, let text = value.string else { throw .missing("\(name)") }
        guard text.unicodeScalars.count <= limit else {
            throw .invalidValue("\(name)", "it is longer than \(limit) characters.")
        }
        return text
    }
}

extension APIError {
    /// A 413 for an announced size that is larger than what `taker` says.
    package static func uploadTooLarge(limit: Int, _ taker: String) -> APIError {
        APIError(
            status: 413,
            message: "The file is larger than the \(limit) bytes that \(taker).",
            type: "invalid_request_error",
            code: "file_too_large",
            param: "bytes",
            origin: .gateway
        )
    }
}

/// A request to put the parts of an upload together.
package struct UploadCompletionRequest: Equatable, Sendable {
    private static let fields: [RequestField] = [
        RequestField("part_ids", .array, .local, "", "Required. In the order of the file."),
        RequestField("md5", .string, .local, "", "Of the whole file: hexadecimal digits or base64."),
    ]

    package var partIDs: [String] = []
    /// The 16 bytes of the checksum.
    package var md5: [UInt8]?

    /// Reads the body of `POST /v1/uploads/{id}/complete`.
    ///
    /// - Throws: A 400 that names the field.
    package init(
        _ body: ByteBuffer,
        tape: JSONTape,
        options: TranslationOptions,
        maximumParts: Int
    ) throws(APIError) {
        self = try RequestBody.read(body, tape: tape, options: options) {
            (body) throws(APIError) -> UploadCompletionRequest in
            try UploadCompletionRequest(try RequestFields(body.root, Self.fields), maximumParts)
        }
    }

    private init(_ fields: RequestFields, _ maximumParts: Int) throws(APIError) {
        guard let list = fields["part_ids"] else { throw .missing("part_ids") }
        var seen: Set<String> = []
        for element in list.elements {
            guard partIDs.count < maximumParts else {
                throw .invalidRequest(
                    "Invalid 'part_ids': an upload has at most \(maximumParts) parts.",
                    param: "part_ids",
                    code: "array_above_max_length"
                )
            }
            guard let id = element.string else {
                throw .wrongType("part_ids[\(partIDs.count)]", expected: "string", got: element)
            }
            guard seen.insert(id).inserted else {
                throw .invalidValue("part_ids", "it names the part at index \(partIDs.count) twice.")
            }
            partIDs.append(id)
        }
        guard !partIDs.isEmpty else {
            throw .invalidRequest(
                "Invalid 'part_ids': expected at least one part.",
                param: "part_ids",
                code: "empty_array"
            )
        }
        if let text = fields["md5"]?.string { md5 = try Self.checksum(text) }
    }

    private static func checksum(_ text: String) throws(APIError) -> [UInt8] {
        let letters = Array(text.utf8.prefix(64))
        var bytes: [UInt8]?
        switch letters.count {
        case 32:
            let digits = letters.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
            if digits.count == 32 {
                bytes = (0..<16).map { UInt8(digits[2 * $0] << 4 | digits[2 * $0 + 1]) }
            }
        case 22, 24: bytes = Base64.decode(letters)
        default: break
        }
        guard let bytes, bytes.count == 16 else {
            throw .invalidValue("md5", "expected the 32 hexadecimal digits of an MD5 checksum.")
        }
        return bytes
    }
}
