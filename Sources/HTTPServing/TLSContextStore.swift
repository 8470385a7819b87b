package import NIOSSL
import Synchronization

/// The TLS context of new connections; it can be replaced while the server runs.
package final class TLSContextStore: Sendable {
    /// Where the credentials come from.
    private enum Source: Sendable {
        case files(certificate: String, key: String, offersHTTP2: Bool)
        case context
    }

    private struct State {
        var context: NIOSSLContext
        var expiry: Int?
    }

    private let source: Source
    private let state: Mutex<State>

    /// Reads the credentials from PEM files.
    ///
    /// - Throws: ``TLSCredentialsError``.
    package init(certificateFile: String, keyFile: String, offersHTTP2: Bool = true) throws {
        source = .files(certificate: certificateFile, key: keyFile, offersHTTP2: offersHTTP2)
        state = Mutex(try Self.load(certificateFile, keyFile, offersHTTP2))
    }

    /// Serves one context for ever.
    package init(context: NIOSSLContext) {
        source = .context
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
        guard case .files(let certificate, let key, let offersHTTP2) = source else { return }
        let loaded = try Self.load(certificate, key, offersHTTP2)
        state.withLock { $0 = loaded }
    }

    private static func load(_ certificate: String, _ key: String, _ offersHTTP2: Bool) throws -> State {
        let credentials = try TLSCredentials(certificateFile: certificate, keyFile: key)
        return State(context: try credentials.makeContext(offersHTTP2: offersHTTP2), expiry: credentials.expiry)
    }
}
