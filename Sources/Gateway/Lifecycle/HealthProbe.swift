import AdmissionControl
package import NIOCore
import NIOPosix
import NIOSSL

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Asks a running gateway whether it is healthy, for `healthcheck` and containers without curl.
package struct HealthProbe: Sendable {
    /// Where the gateway listens.
    package enum Target: Equatable, Sendable {
        /// A wildcard address (`0.0.0.0`, `::`) stands for the loopback one.
        case address(host: String, port: Int)
        case unixSocket(path: String)
    }

    package var target: Target
    /// Such as `/health` or `/ready`.
    package var path: String
    /// Of the whole probe.
    package var timeout: TimeAmount
    /// Whether the listener speaks TLS; its certificate is not looked at, it is for names that outsiders use.
    package var isSecure: Bool
    /// Whether a listener expects the PROXY protocol of a connection from that address.
    package var expectsProxyHeader: @Sendable (SocketAddress) -> Bool

    package init(
        target: Target,
        path: String = "/health",
        timeout: TimeAmount = .seconds(3),
        isSecure: Bool = false,
        expectsProxyHeader: @escaping @Sendable (SocketAddress) -> Bool = { _ in false }
    ) {
        self.target = target
        self.path = path
        self.timeout = timeout
        self.isSecure = isSecure
        self.expectsProxyHeader = expectsProxyHeader
    }

    /// Asks the listener at `address`, which believes `trustedProxies`.
    package init(_ address: ListenAddress, trustedProxies: [String]) {
        switch address.place {
        case .tcp(let host, let port): self.init(target: .address(host: host, port: port))
        case .unix(let path): self.init(target: .unixSocket(path: path))
        }
        isSecure = address.isSecure
        guard address.expectsProxyProtocol,
            let trusted = try? AddressRangeList(trustedProxies.filter { $0 != "unix" })
        else { return }
        expectsProxyHeader = { trusted.contains($0) }
    }

    /// Connects, asks, and judges the answer; takes no longer than the timeout.
    package func run() async -> HealthVerdict {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let verdict = await ask(on: group.next())
        try? await group.shutdownGracefully()
        return verdict
    }

    private func ask(on loop: any EventLoop) async -> HealthVerdict {
        let answer = loop.makePromise(of: [UInt8].self)
        let deadline = loop.scheduleTask(in: timeout) { answer.fail(ChannelError.connectTimeout(timeout)) }
        let request = Self.request(path: path)
        let connecting = ClientBootstrap(group: loop)
            .connectTimeout(timeout)
            .channelInitializer { [isSecure, expectsProxyHeader] channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(ProxyHeaderHandler(isExpected: expectsProxyHeader))
                    if isSecure {
                        var settings = TLSConfiguration.makeClientConfiguration()
                        settings.certificateVerification = .none
                        let context = try NIOSSLContext(configuration: settings)
                        try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: nil))
                    }
                    try pipeline.addHandler(ProbeHandler(request: request, answer: answer))
                }
            }
        var channel: (any Channel)?
        defer {
            deadline.cancel()
            channel?.close(promise: nil)
        }
        do {
            channel = try await connect(connecting).get()
        } catch {
            answer.fail(error)
            let place = place(withWildcards: true)
            return HealthVerdict(isHealthy: false, line: "unhealthy: cannot connect to \(place): \(Self.reason(error))")
        }
        do {
            return HealthVerdict(reply: try await answer.futureResult.get(), path: path, place: place())
        } catch {
            return HealthVerdict(isHealthy: false, line: "unhealthy: \(path) at \(place()): \(Self.reason(error))")
        }
    }

    private func connect(_ bootstrap: ClientBootstrap) -> EventLoopFuture<any Channel> {
        switch target {
        case .address(let host, let port): bootstrap.connect(host: Self.reachable(host), port: port)
        case .unixSocket(let path): bootstrap.connect(unixDomainSocketPath: path)
        }
    }

    private static func reachable(_ host: String) -> String {
        host == "0.0.0.0" ? "127.0.0.1" : host == "::" ? "::1" : host
    }

    private func place(withWildcards: Bool = false) -> String {
        switch target {
        case .address(let host, let port):
            let name = withWildcards ? host : Self.reachable(host)
            return name.contains(":") ? "[\(name)]:\(port)" : "\(name):\(port)"
        case .unixSocket(let path): return path
        }
    }

    /// The system's own words, where it has some.
    private static func reason(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            if let first = error.connectionErrors.first { return reason(first.error) }
            return "no address"
        case ChannelError.connectTimeout: return "no answer in time"
        case let error as IOError: return String(cString: strerror(error.errnoCode))
        case is NIOSSLError: return "no TLS: \(error)"
        default: return "\(error)"
        }
    }

    /// The request's bytes; the name in `Host` is of no account to a gateway.
    package static func request(path: String) -> [UInt8] {
        Array(
            "GET \(path) HTTP/1.1\r\nHost: localhost\r\nUser-Agent: dashscope-gateway-healthcheck\r\nConnection: close\r\n\r\n"
                .utf8
        )
    }
}

/// Speaks for itself where the listener wants to hear from a proxy, before TLS begins.
private final class ProxyHeaderHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let isExpected: @Sendable (SocketAddress) -> Bool

    init(isExpected: @escaping @Sendable (SocketAddress) -> Bool) {
        self.isExpected = isExpected
    }

    func channelActive(context: ChannelHandlerContext) {
        if context.localAddress.map(isExpected) == true {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "PROXY UNKNOWN\r\n")), promise: nil)
        }
        context.fireChannelActive()
    }
}

/// Sends the request and collects the first line of the answer.
private final class ProbeHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let request: [UInt8]
    private let answer: EventLoopPromise<[UInt8]>
    private var received: [UInt8] = []

    init(request: [UInt8], answer: EventLoopPromise<[UInt8]>) {
        self.request = request
        self.answer = answer
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: request)), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += unwrapInboundIn(data).readableBytesView
        if received.contains(0x0A) || received.count >= 1024 { answer.succeed(received) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        answer.succeed(received)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        answer.fail(error)
        context.close(promise: nil)
    }
}
