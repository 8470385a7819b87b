import ByteWriting
import JSONBytes
import NIOCore

/// A page of a list in OpenAI's form.
enum PlatformPage {
    /// Appends a page; false where it is none.
    ///
    /// DashScope's pages of files name no first and last object, and an empty page of batches has null for its list.
    static func write(
        _ root: JSONValue,
        into output: inout ByteBuffer,
        _ writeObject: (JSONValue, inout ByteBuffer) -> Bool
    ) -> Bool {
        guard let data = root["data"], data.isNull || data.kind == .array else { return false }
        output.append("{\"object\":\"list\",\"data\":[")
        var first: JSONValue?
        var last: JSONValue?
        for object in data.elements {
            if first != nil { output.append(",") }
            guard let id = object["id"], id.kind == .string, writeObject(object, &output) else { return false }
            first = first ?? id
            last = id
        }
        output.append("],\"first_id\":")
        write(first, into: &output)
        output.append(",\"last_id\":")
        write(last, into: &output)
        output.append(",\"has_more\":")
        output.writeJSON(root["has_more"]?.bool ?? false)
        output.append("}")
        return true
    }

    private static func write(_ id: JSONValue?, into output: inout ByteBuffer) {
        if let id { output.writeJSON(id) } else { output.append("null") }
    }
}
