package import NIOSSL
import Synchronization

/// The TLS context of new connections; it can be replaced while the server runs.
package final class TLSContextStore: Sendable {
    /// Where the credentials come from.
    private enum Source: Sendable {
        case files(certificate: String, key: String)
        case context
    }

    private struct State {
        var context: NIOSSLContext
        var expiry: Int?
    }

    private let source: Source
    /// The protocols offered by ALPN; empty if ALPN is not used.
    let protocols: [String]
    private let state: Mutex<State>

    /// Reads the credentials from PEM files.
    ///
    /// - Throws: ``TLSCredentialsError``.
    package init(certificateFile: String, keyFile: String, offersHTTP2: Bool = true) throws {
        source = .files(certificate: certificateFile, key: keyFile)
        protocols = offersHTTP2 ? ["h2", "http/1.1"] : ["http/1.1"]
        state = Mutex(try Self.load(certificateFile, keyFile, protocols))
    }

    /// Serves one context that never changes.
    package init(context: NIOSSLContext) {
        source = .context
        protocols = []
        state = Mutex(State(context: context, expiry: nil))
    }

    /// The context of the next connection.
    package var current: NIOSSLContext { state.withLock { $0.context } }

    /// When the certificate expires, in seconds since 1970; nil where the context was given.
    package var expiry: Int? { state.withLock { $0.expiry } }

    /// Reads the files again; open connections keep what they have.
    ///
    /// - Throws: ``TLSCredentialsError``; the context that was in use stays.
    package func reload() throws {
        guard case .files(let certificate, let key) = source else { return }
        let loaded = try Self.load(certificate, key, protocols)
        state.withLock { $0 = loaded }
    }

    private static func load(_ certificate: String, _ key: String, _ protocols: [String]) throws -> State {
        let credentials = try TLSCredentials(certificateFile: certificate, keyFile: key)
        return State(context: try credentials.makeContext(protocols: protocols), expiry: credentials.expiry)
    }
}
