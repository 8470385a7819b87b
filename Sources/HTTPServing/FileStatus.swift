import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The status of a path, and the few calls on files and sockets that NIO does not offer.
struct FileStatus {
    let isSocket: Bool

    /// Nil where nothing is there.
    init?(path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        isSocket = status.st_mode & S_IFMT == S_IFSOCK
    }

    /// Why a file cannot be read, in words; nil where it can.
    static func reasonNotToRead(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { return reason(errno) }
        close(descriptor)
        return nil
    }

    /// Sets permission bits; false where the system does not allow it.
    static func setMode(_ mode: UInt32, of path: String) -> Bool {
        chmod(path, mode_t(mode)) == 0
    }

    static func remove(_ path: String) {
        unlink(path)
    }

    /// The system's code for a socket without a listener.
    static let connectionRefused = ECONNREFUSED

    /// Several processes may bind the same port; NIO has no name for it.
    static let reusePort = NIOBSDSocket.Option(rawValue: CInt(SO_REUSEPORT))

    /// Sets the length of the queue of a socket that listens already.
    static func listenAgain(_ descriptor: Int32, backlog: Int32) {
        listen(descriptor, backlog)
    }

    /// Whether a socket speaks IPv4 or IPv6.
    static func isInternetSocket(_ descriptor: Int32) -> Bool {
        var address = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard result == 0 else { return false }
        return Int32(address.ss_family) == AF_INET || Int32(address.ss_family) == AF_INET6
    }

    /// A system error's code in words.
    static func reason(_ code: Int32) -> String {
        switch code {
        case ENOENT: "there is no such file"
        case EACCES, EPERM: "permission denied"
        case EADDRINUSE: "the address is in use"
        case EADDRNOTAVAIL: "this machine does not have the address"
        case EISDIR: "it is a directory"
        case ENOTSOCK, EBADF: "it is not an open socket"
        default: String(cString: strerror(code))
        }
    }
}
