import NIOSSL
import Upstream

extension UpstreamConfiguration {
    /// The operator's settings, for each of so many event loops.
    init(_ settings: GatewayConfiguration.Upstream, baseURL: UpstreamBaseURL, loops: Int) throws {
        let tls: NIOSSLContext?
        do {
            tls = baseURL.isSecure ? try UpstreamTLS.context(authority: settings.certificateAuthority) : nil
        } catch {
            throw ConfigurationProblems(problems: [
                ConfigurationProblem(key: "upstream.certificateAuthority", reason: "\(error)")
            ])
        }
        self.init(
            host: baseURL.host,
            port: baseURL.port,
            tls: tls,
            proxy: try settings.proxies.proxy(host: baseURL.host, port: baseURL.port, isSecure: baseURL.isSecure),
            connectTimeout: settings.connectTimeout,
            maximumConnectionsPerLoop: max(1, settings.maximumConnections / max(1, loops)),
            waitTimeout: settings.connectionWaitTimeout,
            idleTimeout: settings.keepAliveTimeout,
            drainTimeout: settings.drainTimeout,
            maximumConnectionAge: settings.maximumConnectionAge,
            breaker: settings.breaker
        )
    }
}
