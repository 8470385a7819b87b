import NIOCore
import NIOPosix

/// The files of Unix sockets; the library removes one when its socket is closed.
enum UnixSocketFile {
    /// Removes a stale socket file.
    ///
    /// - Throws: ``ServerListenError`` if a process is listening on it, or if the path is not a socket.
    static func removeStale(_ address: HTTPListener.Address, path: String, group: any EventLoopGroup) async throws {
        guard let status = FileStatus(path: path) else { return }
        guard status.isSocket else {
            throw ServerListenError(address: address, reason: "the path exists and is no socket")
        }
        do {
            let channel = try await ClientBootstrap(group: group).connect(unixDomainSocketPath: path).get()
            try? await channel.close()
        } catch let error as IOError where error.errnoCode == FileStatus.connectionRefused {
            return FileStatus.remove(path)
        } catch let error as IOError {
            throw ServerListenError(address: address, reason: FileStatus.reason(error.errnoCode))
        }
        throw ServerListenError(address: address, reason: "another process listens on it")
    }
}
