#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Asks a running gateway whether it is healthy, for `healthcheck` and containers without curl.
///
/// Plain HTTP over blocking sockets: a process that lives for milliseconds starts no event loops. A gateway that serves
/// nothing but TLS is asked at its admin listener or a Unix socket.
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
    package var timeout: Duration

    package init(target: Target, path: String = "/health", timeout: Duration = .seconds(3)) {
        self.target = target
        self.path = path
        self.timeout = timeout
    }

    /// Connects, asks, and judges the answer; blocks for no longer than the timeout.
    package func run() -> HealthVerdict {
        let deadline = ContinuousClock.now + timeout
        let place: String
        let connection: ProbeConnection
        do throws(ProbeConnection.Failure) {
            switch target {
            case .address(let host, let port):
                let host = host == "0.0.0.0" ? "127.0.0.1" : host == "::" ? "::1" : host
                place = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
                connection = try ProbeConnection(host: host, port: port, deadline: deadline)
            case .unixSocket(let socketPath):
                place = socketPath
                connection = try ProbeConnection(path: socketPath, deadline: deadline)
            }
        } catch {
            return HealthVerdict(
                isHealthy: false,
                line: "unhealthy: cannot connect to \(name(of: target)): \(error.reason)"
            )
        }
        do throws(ProbeConnection.Failure) {
            try connection.send(Self.request(path: path), deadline: deadline)
            var reply: [UInt8] = []
            // The status line is enough.
            while !reply.contains(0x0A), reply.count < 1024 {
                let bytes = try connection.receive(deadline: deadline)
                if bytes.isEmpty { break }
                reply += bytes
            }
            return HealthVerdict(reply: reply, path: path, place: place)
        } catch {
            return HealthVerdict(isHealthy: false, line: "unhealthy: \(path) at \(place): \(error.reason)")
        }
    }

    /// The request's bytes; the name in `Host` is of no account to a gateway.
    package static func request(path: String) -> [UInt8] {
        Array(
            "GET \(path) HTTP/1.1\r\nHost: localhost\r\nUser-Agent: dashscope-gateway-healthcheck\r\nConnection: close\r\n\r\n"
                .utf8
        )
    }

    private func name(of target: Target) -> String {
        switch target {
        case .address(let host, let port): "\(host):\(port)"
        case .unixSocket(let path): path
        }
    }
}
