import ByteWriting
import JSONBytes
import NIOCore

/// A file in OpenAI's form.
enum FileObject {
    private static let known: [StaticString] = [
        "id", "object", "bytes", "created_at", "filename", "purpose", "status", "status_details",
    ]

    /// Appends a file of DashScope's; false where it is none.
    ///
    /// `purpose` is the word that the caller used for documents. Members that are not known stay.
    static func write(_ file: JSONValue, purpose: String?, into output: inout ByteBuffer) -> Bool {
        guard let id = file["id"], id.kind == .string, !id.isEmptyString else { return false }
        output.append("{\"id\":")
        output.writeJSON(id)
        output.append(",\"object\":\"file\"")
        for name: StaticString in ["bytes", "created_at", "filename"] {
            output.append(",\"")
            output.append(name)
            output.append("\":")
            if let value = file[name] { output.writeJSON(value) } else { output.append("null") }
        }
        output.append(",\"purpose\":")
        write(purpose: file["purpose"], as: purpose, into: &output)
        output.append(",\"status\":")
        write(status: file["status"], into: &output)
        if let details = file.present("status_details") {
            output.append(",\"status_details\":")
            output.writeJSON(details)
        }
        for member in file.members where !member.value.isNull && !known.contains(where: { member.name.equals($0) }) {
            output.append(",")
            output.writeJSON(member.name)
            output.append(":")
            output.writeJSON(member.value)
        }
        output.append("}")
        return true
    }

    /// DashScope's word for documents is none of OpenAI's, at which typed clients stop.
    private static func write(purpose: JSONValue?, as told: String?, into output: inout ByteBuffer) {
        guard let purpose else { return output.append("null") }
        guard purpose.equals("file-extract") else { return output.writeJSON(purpose) }
        output.writeJSON(told ?? FilePurpose.usualWord)
    }

    /// `uploaded` is OpenAI's word for a file that is not parsed yet.
    private static func write(status: JSONValue?, into output: inout ByteBuffer) {
        guard let status, !status.isNull else { return output.append("\"uploaded\"") }
        if status.equals("processing") { output.append("\"uploaded\"") } else { output.writeJSON(status) }
    }
}
