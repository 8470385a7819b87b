package import APITranslation
import HTTPServing
package import Logging
package import NIOCore
import ServiceLifecycle
package import Telemetry
package import Upstream

/// The running gateway: listens, and drains when it is told to stop.
package final class GatewayService: Service {
    private let configuration: GatewayConfiguration
    private let core: GatewayCore
    private let server: HTTPServer
    private let logger: Logger

    /// The port that is listened on.
    package var port: Int { server.port }

    /// Requests being answered now.
    package var openRequestCount: Int { core.openRequestCount }

    /// The connections to upstream, summed over the event loops.
    package func upstreamStatistics() async -> UpstreamStatistics { await core.upstreamStatistics() }

    /// Binds the port and prepares every event loop of `group`.
    ///
    /// - Throws: `IOError` where the address cannot be bound, or an error of the TLS settings.
    package init(
        configuration: GatewayConfiguration,
        catalog: ModelCatalog,
        group: any EventLoopGroup,
        logger: Logger,
        accessLog: LogWriter?
    ) async throws {
        let baseURL = try UpstreamBaseURL(configuration.upstream.baseURL)
        let loops = Array(group.makeIterator())
        let upstream = UpstreamConfiguration(
            host: baseURL.host,
            port: baseURL.port,
            tls: baseURL.isSecure
                ? try UpstreamTLS.context(authority: configuration.upstream.certificateAuthority) : nil,
            proxy: try configuration.upstream.proxies.proxy(
                host: baseURL.host,
                port: baseURL.port,
                isSecure: baseURL.isSecure
            ),
            connectTimeout: configuration.upstream.connectTimeout,
            maximumConnectionsPerLoop: max(1, configuration.upstream.maximumConnections / max(1, loops.count)),
            idleTimeout: configuration.upstream.keepAliveTimeout,
            maximumConnectionAge: configuration.upstream.maximumConnectionAge,
            breaker: configuration.upstream.breaker
        )
        self.configuration = configuration
        self.logger = logger
        core = try await GatewayCore(
            configuration: configuration,
            catalog: catalog,
            upstream: upstream,
            baseURL: baseURL,
            loops: loops,
            logger: logger,
            accessLog: accessLog
        )
        let settings = configuration.server
        server = try await HTTPServer.start(
            HTTPServerConfiguration(
                host: settings.host,
                port: settings.port,
                maximumBodyBytes: settings.maximumBodyBytes,
                maximumHeaderBytes: settings.maximumHeaderBytes,
                headerTimeout: settings.headerTimeout,
                bodyTimeout: settings.bodyTimeout,
                keepAliveTimeout: settings.keepAliveTimeout
            ),
            group: group,
            application: RequestPipeline(core: core)
        )
    }

    package func run() async throws {
        logger.info(
            "listening",
            metadata: [
                "host": "\(configuration.server.host)", "port": "\(port)",
                "upstream": "\(configuration.upstream.baseURL)", "version": "\(GatewayVersion.current)",
            ]
        )
        try? await gracefulShutdown()
        await stop()
    }

    /// Stops to listen, lets answers finish within the drain time, ends the rest with an error event.
    package func stop() async {
        logger.info("draining", metadata: ["open_requests": "\(core.openRequestCount)"])
        await server.shutdown(drain: configuration.server.drainTimeout) { [core] in await core.endRelays() }
        await core.shutdown()
        logger.info("stopped")
    }
}
