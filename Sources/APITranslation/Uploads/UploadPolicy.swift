package import JSONBytes
package import NIOCore

/// DashScope's permission to put one file into its temporary storage, and the form that does so.
///
/// Source: DashScope API reference, "upload files to get temporary URLs".
package struct UploadPolicy: Equatable, Sendable {
    /// Where the form goes.
    package let host: String
    /// Largest file, in bytes; nil where DashScope names no bound.
    package let maximumBytes: Int?
    private let directory: String
    /// The form's fields in their order, without `key` and what follows it.
    private let fields: [[String]]

    /// Reads the answer to `getPolicy`; nil where it is none.
    package init?(_ root: JSONValue) {
        guard root.kind == .object, let data = root["data"], data.kind == .object,
            let host = data["upload_host"]?.string, let directory = data["upload_dir"]?.string,
            let policy = data["policy"]?.string, let signature = data["signature"]?.string,
            let accessKey = data["oss_access_key_id"]?.string
        else { return nil }
        let texts = [directory, policy, signature, accessKey]
        // They stand in a form, where a line break would begin something else.
        guard texts.allSatisfy(Self.isPlain), !directory.isEmpty else { return nil }
        self.host = host
        self.directory = directory
        maximumBytes = data["max_file_size_mb"]?.integer.map { $0.multipliedReportingOverflow(by: 1 << 20) }
            .flatMap { $0.overflow ? nil : $0.partialValue }
        var fields = [["OSSAccessKeyId", accessKey], ["Signature", signature], ["policy", policy]]
        for (name, member) in [
            ("x-oss-object-acl", data["x_oss_object_acl"]), ("x-oss-forbid-overwrite", data["x_oss_forbid_overwrite"]),
        ] {
            guard let value = member?.string, Self.isPlain(value) else { continue }
            fields.append([name, value])
        }
        self.fields = fields
    }

    private static func isPlain(_ text: String) -> Bool { text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }

    /// The link by which a call names the file.
    package func link(to filename: String) -> String { "oss://\(directory)/\(filename)" }

    /// What comes before the bytes of the file, which are the last field.
    package func formHead(filename: String, contentType: String?, boundary: String) -> ByteBuffer {
        var form = ByteBuffer()
        let last = [["key", "\(directory)/\(filename)"], ["success_action_status", "200"]]
        for field in fields + last + (contentType.map { [["x-oss-content-type", $0]] } ?? []) {
            form.writeString(
                "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(field[0])\"\r\n\r\n\(field[1])\r\n"
            )
        }
        form.writeString("--\(boundary)\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(filename)\"\r\n")
        form.writeString("Content-Type: \(contentType ?? "application/octet-stream")\r\n\r\n")
        return form
    }

    /// What comes behind them.
    package static func formEnd(boundary: String) -> ByteBuffer { ByteBuffer(string: "\r\n--\(boundary)--\r\n") }
}
