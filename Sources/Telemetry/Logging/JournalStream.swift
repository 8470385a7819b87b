package import Logging

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// systemd's journal behind a descriptor: it takes a line's level from a number in front of it, as sd-daemon(3) says.
package enum JournalStream {
    /// Whether `descriptor` is the stream that `JOURNAL_STREAM` names; the variable alone says nothing, because children of
    /// a service inherit it with other streams.
    package static func isOurs(descriptor: Int32, environment: [String: String]) -> Bool {
        guard let parts = environment["JOURNAL_STREAM"]?.split(separator: ":"), parts.count == 2,
            let device = UInt64(parts[0]), let inode = UInt64(parts[1])
        else { return false }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return false }
        return UInt64(status.st_dev) == device && UInt64(status.st_ino) == inode
    }

    /// The prefix of a line of that level.
    package static func mark(_ level: Logger.Level) -> StaticString {
        switch level {
        case .trace, .debug: "<7>"
        case .info: "<6>"
        case .notice: "<5>"
        case .warning: "<4>"
        case .error: "<3>"
        case .critical: "<2>"
        }
    }
}
