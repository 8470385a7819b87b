#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A folder for logs that was mounted and to which nothing is written, as with `docker run -v ./logs:/app/logs`.
package enum LogFolder {
    /// What the start says of it; nil where there is none, or records go to a file.
    ///
    /// `file` is `log.file`, `$LOGS_DIRECTORY` the folder, as the image and systemd set it, `mounts` the text of
    /// `/proc/self/mountinfo`.
    package static func notice(
        file: String?,
        environment: [String: String],
        mounts: String = mounts(),
        isWritable: (String) -> Bool = { access($0, W_OK | X_OK) == 0 }
    ) -> String? {
        guard file == nil, let folder = environment["LOGS_DIRECTORY"]?.split(separator: ":").first,
            mounts.split(separator: "\n").contains(where: { $0.split(separator: " ").dropFirst(4).first == folder })
        else { return nil }
        var text = "request records go to standard output, not into the mounted folder \(folder): "
        text += "LOG_FILE=\(folder)/gateway.log puts them there"
        if !isWritable(String(folder)) { text += ", once the folder belongs to user \(geteuid())" }
        return text
    }

    /// The mounts that the process sees; empty where the system does not tell.
    package static func mounts() -> String {
        guard let stream = fopen("/proc/self/mountinfo", "re") else { return "" }
        defer { fclose(stream) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = fread(&buffer, 1, buffer.count, stream)
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }
}
