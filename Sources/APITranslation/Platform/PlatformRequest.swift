import ByteWriting
package import JSONBytes
package import NIOCore

/// One call about files or batches, and what its answer becomes.
///
/// DashScope has these in OpenAI's form only. Source: DashScope API reference, "OpenAI compatible - File" and "OpenAI
/// compatible - Batch".
package struct PlatformRequest: Sendable {
    package enum Method: String, Sendable {
        case GET, POST, DELETE
    }

    /// What upstream answers.
    package enum Answer: Sendable, Equatable {
        /// `purpose` is the caller's word where the request has one.
        case file(purpose: String?)
        case filePage(purpose: String?)
        case deletedFile
        case batch
        case batchPage
        /// The bytes of a file, which are not read here.
        case content
    }

    static let filesPath = "/compatible-mode/v1/files"
    static let batchesPath = "/compatible-mode/v1/batches"

    package var operation: DashScopeOperation
    package var method: Method
    /// The path below the region's host, with the query.
    package var target: String
    package var body = ByteBuffer()
    package var answer: Answer
    package var adjustments = AdjustmentList()
    /// The object that the path names.
    var object: PlatformObject?
    /// Whether the query names an object behind which a page begins.
    var hasCursor = false

    /// The upload of a file, whose form follows in pieces.
    package static func upload(purpose: String) -> PlatformRequest {
        PlatformRequest(operation: .files, method: .POST, target: filesPath, answer: .file(purpose: purpose))
    }

    package static func file(_ id: String) throws(APIError) -> PlatformRequest {
        try about(.file(id), .GET, answer: .file(purpose: nil))
    }

    package static func deleteFile(_ id: String) throws(APIError) -> PlatformRequest {
        try about(.file(id), .DELETE, answer: .deletedFile)
    }

    package static func content(ofFile id: String) throws(APIError) -> PlatformRequest {
        try about(.file(id), .GET, "/content", answer: .content)
    }

    package static func batch(_ id: String) throws(APIError) -> PlatformRequest {
        try about(.batch(id), .GET, answer: .batch)
    }

    package static func cancelBatch(_ id: String) throws(APIError) -> PlatformRequest {
        try about(.batch(id), .POST, "/cancel", answer: .batch)
    }

    private static func about(
        _ object: PlatformObject,
        _ method: Method,
        _ action: String = "",
        answer: Answer
    ) throws(APIError) -> PlatformRequest {
        guard object.hasValidID else { throw object.missing }
        return PlatformRequest(
            operation: object.kind == .file ? .files : .batches,
            method: method,
            target: "\(object.kind == .file ? filesPath : batchesPath)/\(object.id)\(action)",
            answer: answer,
            object: object
        )
    }

    // MARK: - The answer

    /// Appends upstream's answer in OpenAI's form; false where it is not what was asked for.
    package func write(_ root: JSONValue, into output: inout ByteBuffer) -> Bool {
        guard root.kind == .object else { return false }
        switch answer {
        case .file(let purpose): return FileObject.write(root, purpose: purpose, into: &output)
        case .filePage(let purpose):
            return PlatformPage.write(root, into: &output) { FileObject.write($0, purpose: purpose, into: &$1) }
        case .deletedFile:
            guard let object else { return false }
            output.append("{\"id\":")
            output.writeJSON(object.id)
            output.append(",\"object\":\"file\",\"deleted\":")
            output.writeJSON(root["deleted"]?.bool ?? true)
            output.append("}")
            return true
        case .batch: return BatchObject.write(root, into: &output)
        case .batchPage: return PlatformPage.write(root, into: &output) { BatchObject.write($0, into: &$1) }
        case .content: return false
        }
    }

    /// The error for the caller: an object that is not there is a 404, as OpenAI has it.
    package func refusal(_ error: APIError) -> APIError {
        guard PlatformObject.isMissing(error) else { return error }
        if let object { return object.missing(error) }
        guard hasCursor else { return error }
        var error = error
        error.param = "after"
        return error
    }
}
