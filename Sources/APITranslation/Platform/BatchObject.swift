import ByteWriting
import JSONBytes
import NIOCore

/// A batch in OpenAI's form.
enum BatchObject {
    private static let members: [StaticString] = [
        "endpoint", "errors", "input_file_id", "completion_window", "status", "output_file_id", "error_file_id",
        "created_at", "in_progress_at", "expires_at", "finalizing_at", "completed_at", "failed_at", "expired_at",
        "cancelling_at", "cancelled_at", "request_counts", "metadata",
    ]

    /// Appends a batch of DashScope's with all members of OpenAI's, null where it has none; false where it is none.
    static func write(_ batch: JSONValue, into output: inout ByteBuffer) -> Bool {
        guard let id = batch["id"], id.kind == .string, !id.isEmptyString else { return false }
        output.append("{\"id\":")
        output.writeJSON(id)
        output.append(",\"object\":\"batch\"")
        for name in members {
            output.append(",\"")
            output.append(name)
            output.append("\":")
            if let value = batch[name] { output.writeJSON(value) } else { output.append("null") }
        }
        for member in batch.members where isUnknown(member.name) && !member.value.isNull {
            output.append(",")
            output.writeJSON(member.name)
            output.append(":")
            output.writeJSON(member.value)
        }
        output.append("}")
        return true
    }

    private static func isUnknown(_ name: JSONValue) -> Bool {
        !name.equals("id") && !name.equals("object") && !members.contains { name.equals($0) }
    }
}
