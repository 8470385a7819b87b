import NIOCore

/// A file of the compatible files interface.
struct StoredFile: Sendable {
    enum Purpose: String, Sendable {
        case extraction = "file-extract"
        case batch
        case batchOutput = "batch_output"

        var prefix: String {
            switch self {
            case .extraction: "file-fe-"
            case .batch: "file-batch-"
            case .batchOutput: "file-batch_output-"
            }
        }
    }

    var id: String
    /// The value of `Authorization`.
    var owner: String
    var name: String
    var purpose: Purpose
    var size: Int
    var digest: String
    var created: Int
    /// What batches and downloads read; nil for a document, of which nobody asks more than its size.
    var content: ByteBuffer?

    /// A file whose name asks for it is never parsed, or cannot be.
    var status: String {
        if name.contains("emulator-processing") { return "processing" }
        return name.contains("emulator-broken") ? "error" : "processed"
    }

    /// As recorded: without the member `status_details` but in answers to an upload.
    var document: JSON {
        [
            "id": .string(id), "object": "file", "bytes": .int(size), "filename": .string(name),
            "purpose": .string(purpose.rawValue), "status": .string(status), "created_at": .int(created),
        ]
    }

    /// The text with which an answer names it.
    var description: String { "document \(name) of \(size) bytes" }
}
