#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The file of a store, as the system sees it.
package enum StoreFile {
    /// Makes a file that only this user can read, where there is none: SQLite would make one that others may read.
    static func create(_ path: String) throws(StoreError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .failed(String(cString: strerror(errno))) }
        close(descriptor)
    }

    /// Why a file could not be opened or made, as far as that shows without touching it; nil where nothing speaks
    /// against it.
    package static func problem(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else {
            guard errno == ENOENT else { return String(cString: strerror(errno)) }
            let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
            return access(folder, W_OK | X_OK) == 0 ? nil : "\(folder): \(String(cString: strerror(errno)))"
        }
        defer { close(descriptor) }
        guard access(path, W_OK) == 0 else { return String(cString: strerror(errno)) }
        var head = [UInt8](repeating: 0, count: 100)
        guard read(descriptor, &head, head.count) > 0 else { return nil }
        return SQLiteSchema.isOurs(head: head) ? nil : SQLiteSchema.otherFile
    }
}
