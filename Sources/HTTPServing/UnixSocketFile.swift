import NIOCore
import NIOPosix

/// The file of a listening Unix socket.
struct UnixSocketFile: Sendable {
    private let path: String
    private let status: FileStatus

    /// Remembers the file that a bind has made.
    init?(boundAt path: String) {
        guard let status = FileStatus(path: path), status.isSocket else { return nil }
        self.path = path
        self.status = status
    }

    /// Removes the file, unless another process has put its own there.
    func remove() {
        if FileStatus(path: path) == status { FileStatus.remove(path) }
    }

    /// Removes a socket file that nobody listens on any more.
    ///
    /// - Throws: ``ServerListenError`` where somebody does, or where the path is something else.
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
