import NIOCore
package import NIOSSL

/// TLS towards upstream: system trust store, or a certificate authority of the operator's.
package enum UpstreamTLS {
    /// Settings shared by all connections; `authority` is a PEM file of trusted certificates.
    package static func context(authority: String?) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.applicationProtocols = ["http/1.1"]
        configuration.minimumTLSVersion = .tlsv12
        if let authority { configuration.trustRoots = .file(authority) }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw UpstreamTLSError(authority: authority)
        }
    }

    /// A handler that names the host it wants (SNI) and checks the certificate against it.
    ///
    /// A bare address cannot be named; the certificate must hold it instead.
    package static func handler(_ context: NIOSSLContext, host: String) throws -> NIOSSLClientHandler {
        let isAddress = (try? SocketAddress(ipAddress: host, port: 443)) != nil
        return try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : host)
    }
}
