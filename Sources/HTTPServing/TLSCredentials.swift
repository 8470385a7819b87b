import NIOCore
package import NIOSSL

/// A server's certificate chain and private key, from PEM files.
package struct TLSCredentials: Sendable {
    /// The server's own certificate first.
    package let chain: [NIOSSLCertificate]
    package let key: NIOSSLPrivateKey
    /// When the first certificate of the chain expires, in seconds since 1970.
    package let expiry: Int

    /// Reads both files and checks that they belong together.
    ///
    /// - Throws: ``TLSCredentialsError``, which names the file and the reason.
    package init(certificateFile: String, keyFile: String) throws(TLSCredentialsError) {
        try Self.checkReadable(certificateFile)
        do {
            chain = try NIOSSLCertificate.fromPEMFile(certificateFile)
        } catch {
            throw TLSCredentialsError(file: certificateFile, reason: "it holds no valid PEM certificate")
        }
        guard let expiry = chain.map({ Int($0.notValidAfter) }).min() else {
            throw TLSCredentialsError(file: certificateFile, reason: "it holds no certificate")
        }
        self.expiry = expiry
        try Self.checkReadable(keyFile)
        do {
            key = try NIOSSLPrivateKey(file: keyFile, format: .pem)
        } catch {
            throw TLSCredentialsError(file: keyFile, reason: "it holds no valid PEM private key without passphrase")
        }
        // The key itself is fine by now: TLS refuses to load it where it is not the certificate's.
        do {
            _ = try makeContext()
        } catch NIOSSLError.failedToLoadPrivateKey {
            throw TLSCredentialsError(file: keyFile, reason: "the key does not belong to \(certificateFile)")
        } catch {
            throw TLSCredentialsError(file: certificateFile, reason: "TLS cannot use it: \(error)")
        }
    }

    /// The cipher suites allowed for TLS 1.2: an ephemeral key exchange, and authenticated encryption.
    ///
    /// With the others, whoever takes the server's key can read recorded traffic, or there are known attacks.
    private static let ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20"

    /// TLS 1.2 and later, with protocols for ALPN.
    package func makeContext(protocols: [String] = []) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(key)
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.cipherSuites = Self.ciphers
        configuration.applicationProtocols = protocols
        // A peer that omits close_notify is not waited for long.
        configuration.shutdownTimeout = .seconds(1)
        return try NIOSSLContext(configuration: configuration)
    }

    private static func checkReadable(_ file: String) throws(TLSCredentialsError) {
        if let reason = FileStatus.reasonNotToRead(file) { throw TLSCredentialsError(file: file, reason: reason) }
    }
}
