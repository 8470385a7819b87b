import NIOCore
import NIOSSL
import Synchronization
import Upstream

/// How hosts are called that files are fetched from; shared by all loops.
final class FetchSettings: Sendable {
    private let upstream: GatewayConfiguration.Upstream
    /// Made when it is needed for the first time: most gateways never fetch.
    private let tls = Mutex<NIOSSLContext?>(nil)

    init(_ upstream: GatewayConfiguration.Upstream) { self.upstream = upstream }

    /// How a host is called: by TLS, at a public address only.
    func configuration(host: String, port: Int) throws -> UpstreamConfiguration {
        let context = try tls.withLock { context in
            let made = try context ?? UpstreamTLS.context(authority: upstream.certificateAuthority)
            context = made
            return made
        }
        var configuration = UpstreamConfiguration(
            host: host,
            port: port,
            tls: context,
            proxy: try upstream.proxies.proxy(host: host, port: port, isSecure: true),
            connectTimeout: upstream.connectTimeout,
            maximumConnectionsPerLoop: 32,
            maximumWaitingPerLoop: 256,
            idleTimeout: .seconds(10),
            breaker: upstream.breaker
        )
        configuration.mayCall = { FetchRules.isPublic($0) }
        return configuration
    }
}

/// The connections of one loop to hosts that files are fetched from.
final class FetchPools {
    private static let mostHosts = 64

    private let settings: FetchSettings
    private let eventLoop: any EventLoop
    private var pools: [String: UpstreamPool] = [:]

    init(settings: FetchSettings, eventLoop: any EventLoop) {
        self.settings = settings
        self.eventLoop = eventLoop
    }

    /// The connections to a host; nil where too many hosts are called already.
    func pool(host: String, port: Int) throws -> UpstreamPool? {
        if let pool = pools[host] { return pool }
        guard pools.count < Self.mostHosts else { return nil }
        let pool = UpstreamPool(
            configuration: try settings.configuration(host: host, port: port),
            eventLoop: eventLoop
        )
        pools[host] = pool
        return pool
    }

    /// Called about once a second: closes what is idle, and forgets hosts that have no connection.
    func tick(now: NIODeadline) {
        for (host, pool) in pools {
            pool.tick(now: now)
            let statistics = pool.statistics
            if statistics.active + statistics.idle + statistics.connecting + statistics.waiting == 0,
                !statistics.isBreakerOpen
            {
                pool.shutdown()
                pools[host] = nil
            }
        }
    }

    func shutdown() {
        for pool in pools.values { pool.shutdown() }
        pools = [:]
    }
}
