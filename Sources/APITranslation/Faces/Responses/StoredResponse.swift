import ByteWriting
package import JSONBytes
package import NIOCore

/// Reads response objects that were stored.
package enum StoredResponse {
    /// Whether a response was made in the background.
    package static func ranInBackground(_ document: ByteBuffer, tape: JSONTape) -> Bool {
        document.withUnsafeReadableBytes { bytes in
            (try? tape.parse(bytes))?["background"]?.bool ?? false
        }
    }

    /// A response that began and was lost, as a failed one.
    package static func interrupted(_ document: ByteBuffer, tape: JSONTape) -> ByteBuffer {
        failed(document, "The gateway stopped while it made this response.", tape: tape)
    }

    /// A response whose answer is not there, as a failed one without output.
    package static func failed(_ document: ByteBuffer, _ message: String, tape: JSONTape) -> ByteBuffer {
        document.withUnsafeReadableBytes { bytes in
            guard let root = try? tape.parse(bytes) else { return document }
            var output = ByteBuffer()
            output.append("{")
            for (index, member) in root.members.enumerated() {
                if index > 0 { output.append(",") }
                output.writeJSON(member.name)
                output.append(":")
                if member.name.equals("status") {
                    output.append("\"failed\"")
                } else if member.name.equals("error") {
                    output.append("{\"code\":\"server_error\",\"message\":")
                    output.writeJSON(message)
                    output.append("}")
                } else if member.name.equals("completed_at") {
                    output.append("null")
                } else if member.name.equals("output") {
                    output.append("[]")
                } else {
                    output.writeJSON(member.value)
                }
            }
            output.append("}")
            return output
        }
    }
}
