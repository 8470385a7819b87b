package import NIOCore
import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Resolves a name and leaves out the addresses that may not be called.
///
/// The addresses that are looked at are those that are connected to, so that a name cannot mean another a moment later.
package final class AddressFilter: Resolver, Sendable {
    private let mayCall: @Sendable (SocketAddress) -> Bool
    private let eventLoop: any EventLoop

    package init(_ mayCall: @escaping @Sendable (SocketAddress) -> Bool, eventLoop: any EventLoop) {
        self.mayCall = mayCall
        self.eventLoop = eventLoop
    }

    package static func refusal(of host: String) -> UpstreamError {
        UpstreamError(.unreachable, detail: "\(host) has no address that may be called")
    }

    package func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        resolve(host, port, AF_INET)
    }

    package func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> {
        resolve(host, port, AF_INET6)
    }

    package func cancelQueries() {}

    private func resolve(_ host: String, _ port: Int, _ family: Int32) -> EventLoopFuture<[SocketAddress]> {
        NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) { [mayCall] in
            Self.addresses(of: host, port: port, family: family).filter(mayCall)
        }
    }

    /// Asks the system; blocks.
    private static func addresses(of host: String, port: Int, family: Int32) -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_family = family
        #if canImport(Glibc)
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
        hints.ai_socktype = SOCK_STREAM
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var addresses: [SocketAddress] = []
        var next = list
        while let info = next {
            next = info.pointee.ai_next
            guard let address = info.pointee.ai_addr else { continue }
            switch info.pointee.ai_family {
            case AF_INET:
                address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                    addresses.append(SocketAddress($0.pointee, host: host))
                }
            case AF_INET6:
                address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                    addresses.append(SocketAddress($0.pointee, host: host))
                }
            default: continue
            }
        }
        return addresses
    }
}
