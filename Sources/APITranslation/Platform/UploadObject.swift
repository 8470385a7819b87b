import ByteWriting
import JSONBytes
package import NIOCore

/// An upload as its caller sees it.
package struct UploadObject: Equatable, Sendable {
    package enum Status: String, Sendable {
        case pending, completed, cancelled, expired
    }

    package static let prefix = "upload_"
    package static let partPrefix = "part_"

    package var id: String
    package var filename: String
    /// The caller's word.
    package var purpose: String
    package var bytes: Int
    /// Seconds of Unix time.
    package var created: Int
    package var expires: Int

    package init(_ request: UploadRequest, id: String, created: Int, lifetime: Int) {
        self.id = id
        filename = request.filename
        purpose = request.word
        bytes = request.bytes
        self.created = created
        expires = created + lifetime
    }

    /// Appends the upload in OpenAI's form; `file` is the file that was made of it.
    package func write(_ status: Status, file: ByteBuffer? = nil, into output: inout ByteBuffer) {
        output.append("{\"id\":")
        output.writeJSON(id)
        output.append(",\"object\":\"upload\",\"bytes\":")
        output.append(number: bytes)
        output.append(",\"created_at\":")
        output.append(number: created)
        output.append(",\"expires_at\":")
        output.append(number: expires)
        output.append(",\"filename\":")
        output.writeJSON(filename)
        output.append(",\"purpose\":")
        output.writeJSON(purpose)
        output.append(",\"status\":")
        output.writeJSON(status.rawValue)
        if let file {
            output.append(",\"file\":")
            output.writeImmutableBuffer(file)
        }
        output.append("}")
    }

    /// Appends a part of an upload.
    package static func writePart(_ id: String, of upload: String, created: Int, into output: inout ByteBuffer) {
        output.append("{\"id\":")
        output.writeJSON(id)
        output.append(",\"object\":\"upload.part\",\"created_at\":")
        output.append(number: created)
        output.append(",\"upload_id\":")
        output.writeJSON(upload)
        output.append("}")
    }
}
