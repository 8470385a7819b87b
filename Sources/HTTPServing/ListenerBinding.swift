import ByteWriting
import NIOCore
import NIOPosix

/// Binds one listener.
struct ListenerBinding {
    private let bound: BoundListener
    private let pipeline: ConnectionPipeline
    private let group: any EventLoopGroup
    private let backlog: Int32

    init(_ listener: HTTPListener, pipeline: ConnectionPipeline, group: any EventLoopGroup) {
        bound = BoundListener(listener, counters: pipeline.counters)
        self.pipeline = pipeline
        self.group = group
        backlog = Int32(clamping: max(1, pipeline.configuration.backlog))
    }

    private var listener: HTTPListener { bound.listener }

    /// - Throws: ``ServerListenError``.
    func bind() async throws -> HTTPServer.Socket {
        do {
            return try await bindAddress()
        } catch let error as ServerListenError {
            throw error
        } catch let error as IOError {
            throw ServerListenError(address: listener.address, reason: FileStatus.reason(error.errnoCode))
        } catch {
            throw ServerListenError(address: listener.address, reason: "\(error)")
        }
    }

    private func bindAddress() async throws -> HTTPServer.Socket {
        switch listener.address {
        case .tcp(let host, let port):
            let channel = try await bootstrap(isTCP: true).bind(host: host, port: port).get()
            return socket(channel)
        case .unix(let path, let mode):
            try await UnixSocketFile.removeStale(listener.address, path: path, group: group)
            let channel = try await bootstrap(isTCP: false).bind(unixDomainSocketPath: path).get()
            if let mode, !FileStatus.setMode(mode, of: path) {
                try? await channel.close()
                throw ServerListenError(address: listener.address, reason: "its permissions cannot be set")
            }
            return socket(channel)
        case .inherited(let descriptor):
            let isTCP = FileStatus.isInternetSocket(descriptor)
            let channel = try await bootstrap(isTCP: isTCP).withBoundSocket(descriptor).get()
            // NIO has just asked for a queue of its own length.
            FileStatus.listenAgain(descriptor, backlog: backlog)
            return socket(channel)
        }
    }

    private func socket(_ channel: any Channel) -> HTTPServer.Socket {
        bound.isBound(to: channel.localAddress)
        return HTTPServer.Socket(channel: channel, listener: bound)
    }

    private func bootstrap(isTCP: Bool) -> ServerBootstrap {
        let pipeline = pipeline
        let bound = bound
        var bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: backlog)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = AcceptErrorHandler(counters: pipeline.counters)
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .childChannelOption(.recvAllocator, value: ReadBufferSize())
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try pipeline.start(channel, of: bound) }
            }
        if isTCP {
            bootstrap =
                bootstrap
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        }
        if listener.reusesPort {
            bootstrap = bootstrap.serverChannelOption(.socketOption(FileStatus.reusePort), value: 1)
        }
        return bootstrap
    }
}
