#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A listening socket that the service manager opened for us (systemd's socket activation).
package struct InheritedSocket: Equatable, Sendable {
    package var descriptor: Int32
    /// `FileDescriptorName=` of the socket unit; empty where it has none.
    package var name: String

    package init(descriptor: Int32, name: String) {
        self.descriptor = descriptor
        self.name = name
    }

    /// The sockets that the variables `LISTEN_PID`, `LISTEN_FDS` and `LISTEN_FDNAMES` announce, without looking at them.
    ///
    /// None where the variables are meant for another process.
    package static func announced(
        in environment: [String: String],
        processID: Int32 = getpid(),
        firstDescriptor: Int32 = 3
    ) -> [InheritedSocket] {
        guard let pid = environment["LISTEN_PID"].flatMap(Int32.init), pid == processID,
            let count = environment["LISTEN_FDS"].flatMap(Int32.init), count > 0, count <= 1024
        else { return [] }
        let names = environment["LISTEN_FDNAMES"]?.split(separator: ":", omittingEmptySubsequences: false) ?? []
        return (0..<count).map { index in
            InheritedSocket(
                descriptor: firstDescriptor + index,
                name: Int(index) < names.count ? String(names[Int(index)]) : ""
            )
        }
    }

    /// The sockets announced to this process; they close on exec, and the variables are removed.
    ///
    /// Called once, in `main`, before other threads run: the environment is not theirs to share. Descriptors that are
    /// not open listening sockets are left out.
    package static func takeAll(
        environment: [String: String],
        firstDescriptor: Int32 = 3
    ) -> [InheritedSocket] {
        let sockets = announced(in: environment, firstDescriptor: firstDescriptor)
        for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] { unsetenv(name) }
        return sockets.filter { socket in
            guard isListening(socket.descriptor) else { return false }
            let flags = fcntl(socket.descriptor, F_GETFD)
            return flags >= 0 && fcntl(socket.descriptor, F_SETFD, flags | FD_CLOEXEC) >= 0
        }
    }

    private static func isListening(_ descriptor: Int32) -> Bool {
        var accepts: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &size) == 0 && accepts != 0
    }
}
