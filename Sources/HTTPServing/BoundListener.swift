package import NIOCore
import Synchronization

/// A listener that listens: what it was asked to be and where it ended up.
package final class BoundListener: Sendable, CustomStringConvertible {
    package let listener: HTTPListener
    let counters: ServerCounters
    private let boundAddress = Mutex<SocketAddress?>(nil)

    init(_ listener: HTTPListener, counters: ServerCounters) {
        self.listener = listener
        self.counters = counters
    }

    /// The bound address; nil where the socket has none.
    package var address: SocketAddress? { boundAddress.withLock { $0 } }

    func isBound(to address: SocketAddress?) {
        boundAddress.withLock { $0 = address }
    }

    package var role: ListenerRole { listener.role }

    package var isTLS: Bool { listener.tls != nil }

    /// The port; 0 for a Unix socket.
    package var port: Int { address?.port ?? 0 }

    /// The address as people write it, such as `https://127.0.0.1:8443` or `unix:/run/gateway.sock`.
    package var description: String {
        let scheme = isTLS ? "https" : "http"
        let address = address
        if let path = address?.pathname, !path.isEmpty { return "\(isTLS ? "unix+tls" : "unix"):\(path)" }
        guard let address, let host = address.ipAddress else { return "\(scheme) on an unnamed socket" }
        return "\(scheme)://\(host.contains(":") ? "[\(host)]" : host):\(address.port ?? 0)"
    }
}
