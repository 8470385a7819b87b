import Foundation
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import Testing

@testable import HTTPServing

@Suite(.timeLimit(.minutes(15)))
struct TLSTests {
    /// The subject and the agreed protocol of a fresh connection.
    private static func handshake(
        _ port: Int,
        group: any EventLoopGroup,
        maximum: TLSVersion? = nil,
        ciphers: String? = nil,
        protocols: [String] = ["h2", "http/1.1"]
    ) async throws -> (certificate: NIOSSLCertificate?, alpn: String?) {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        configuration.applicationProtocols = protocols
        if let ciphers { configuration.cipherSuites = ciphers }
        configuration.minimumTLSVersion = .tlsv1
        configuration.maximumTLSVersion = maximum
        let context = try NIOSSLContext(configuration: configuration)
        let promise = group.next().makePromise(of: String?.self)
        let channel = try await ClientBootstrap(group: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: "localhost"))
                    try pipeline.addHandler(HandshakeWatch(promise: promise))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        let alpn = try await promise.futureResult.get()
        let certificate = try await channel.nioSSL_peerCertificate().get()
        try await channel.close()
        return (certificate, alpn)
    }

    @Test func credentialsAreReplacedWhileTheServerRuns() async throws {
        try await CertificateFiles.inFolder { folder in
            let files = try CertificateFiles("one", in: folder)
            let other = try CertificateFiles("two", in: folder)
            let first = try NIOSSLCertificate.fromPEMFile(files.certificate)[0]
            let second = try NIOSSLCertificate.fromPEMFile(other.certificate)[0]
            let store = try TLSContextStore(certificateFile: files.certificate, keyFile: files.key)
            let expiry = try #require(store.expiry)
            #expect(abs(expiry - Int(Date().timeIntervalSince1970) - 10 * 86_400) < 120)
            let configuration = HTTPServerConfiguration(listeners: [
                HTTPListener(.tcp(host: "127.0.0.1", port: 0), tls: store)
            ])
            try await ServerUnderTest.run(configuration) { test in
                #expect(test.server.listeners[0].description.hasPrefix("https://127.0.0.1:"))
                let before = try await Self.handshake(test.port, group: test.group)
                #expect(before.certificate == first)
                #expect(before.alpn == "h2")
                // A half-written pair keeps the old one.
                try FileManager.default.removeItem(atPath: files.certificate)
                try FileManager.default.copyItem(atPath: other.certificate, toPath: files.certificate)
                #expect(throws: TLSCredentialsError.self) { try store.reload() }
                let between = try await Self.handshake(test.port, group: test.group)
                #expect(between.certificate == first)
                try files.replace(with: other)
                try store.reload()
                let after = try await Self.handshake(test.port, group: test.group)
                #expect(after.certificate == second)
            }
        }
    }

    @Test func whatIsWrongWithTheFilesIsSaid() async throws {
        try await CertificateFiles.inFolder { folder in
            let one = try CertificateFiles("one", in: folder)
            let two = try CertificateFiles("two", in: folder)
            let junk = "\(folder)/junk.pem"
            try Data("no certificate".utf8).write(to: URL(fileURLWithPath: junk))
            func reason(_ certificate: String, _ key: String) -> String? {
                do {
                    _ = try TLSCredentials(certificateFile: certificate, keyFile: key)
                    return nil
                } catch {
                    return "\(error)"
                }
            }
            #expect(reason(one.certificate, one.key) == nil)
            #expect(reason("\(folder)/none", one.key) == "\(folder)/none: there is no such file")
            #expect(reason(one.certificate, "\(folder)/none") == "\(folder)/none: there is no such file")
            #expect(reason(junk, one.key) == "\(junk): it holds no valid PEM certificate")
            #expect(reason(one.certificate, junk) == "\(junk): it holds no valid PEM private key without passphrase")
            #expect(reason(one.certificate, two.key) == "\(two.key): the key does not belong to \(one.certificate)")
        }
    }

    private static func configuration(_ change: (inout HTTPServerConfiguration) -> Void = { _ in }) throws
        -> HTTPServerConfiguration
    {
        var configuration = HTTPServerConfiguration(tls: try TestCertificate.serverContext())
        change(&configuration)
        return configuration
    }

    @Test func aPeerThatDoesNotShakeHandsIsLeft() async throws {
        let configuration = try Self.configuration { $0.handshakeTimeout = .milliseconds(300) }
        try await ServerUnderTest.run(configuration) { test in
            let silent = try await RawClient.call(.port(test.port), group: test.group, [], endsSending: false)
            #expect(silent == "")
            #expect(test.server.statistics.tlsHandshakeFailures == 1)
            let plain = try await RawClient.call(test.port, group: test.group, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(!plain.contains("HTTP/1.1"))
            try await test.wait { test.server.statistics.tlsHandshakeFailures == 2 }
            try await test.wait { test.server.statistics.openConnections == 0 }
        }
    }

    @Test func oldVersionsOfTLSAreRefused() async throws {
        try await CertificateFiles.inFolder { folder in
            let files = try CertificateFiles("one", in: folder)
            let store = try TLSContextStore(certificateFile: files.certificate, keyFile: files.key)
            let listener = HTTPListener(.tcp(host: "127.0.0.1", port: 0), tls: store)
            try await ServerUnderTest.run(HTTPServerConfiguration(listeners: [listener])) { test in
                await #expect(throws: (any Error).self) {
                    try await Self.handshake(test.port, group: test.group, maximum: .tlsv11)
                }
                let modern = try await Self.handshake(test.port, group: test.group, maximum: .tlsv12)
                #expect(modern.alpn == "h2")
            }
        }
    }

    @Test(arguments: [
        ("ECDHE-RSA-AES128-GCM-SHA256", true), ("ECDHE-RSA-CHACHA20-POLY1305", true), ("AES128-GCM-SHA256", false),
        ("AES256-SHA", false), ("ECDHE-RSA-AES128-SHA", false), ("ECDHE-RSA-AES256-SHA", false),
    ]) func ciphersKeepWhatWasRecordedSecret(cipher: String, isSpoken: Bool) async throws {
        try await CertificateFiles.inFolder { folder in
            let files = try CertificateFiles("one", in: folder, key: CertificateFiles.rsaKey)
            let store = try TLSContextStore(certificateFile: files.certificate, keyFile: files.key)
            let listener = HTTPListener(.tcp(host: "127.0.0.1", port: 0), tls: store)
            try await ServerUnderTest.run(HTTPServerConfiguration(listeners: [listener])) { test in
                let shook =
                    (try? await Self.handshake(test.port, group: test.group, maximum: .tlsv12, ciphers: cipher)) != nil
                #expect(shook == isSpoken)
            }
        }
    }

    @Test(
        arguments: [
            (["h2", "http/1.1"], true, "h2"), (["acme", "http/1.1"], true, "http/1.1"), ([], true, nil),
            (["acme"], false, nil),
        ] as [([String], Bool, String?)]
    )
    func aClientThatSpeaksNoneOfOurProtocolsIsRefused(protocols: [String], isSpoken: Bool, agreed: String?) async throws
    {
        try await CertificateFiles.inFolder { folder in
            let files = try CertificateFiles("one", in: folder)
            let store = try TLSContextStore(certificateFile: files.certificate, keyFile: files.key)
            let listener = HTTPListener(.tcp(host: "127.0.0.1", port: 0), tls: store)
            try await ServerUnderTest.run(HTTPServerConfiguration(listeners: [listener])) { test in
                do {
                    let result = try await Self.handshake(test.port, group: test.group, protocols: protocols)
                    #expect(isSpoken)
                    #expect(result.alpn == agreed)
                } catch {
                    #expect(!isSpoken, "\(error)")
                    #expect("\(error)".uppercased().contains("NO_APPLICATION_PROTOCOL"))
                    try await test.wait { test.server.statistics.tlsHandshakeFailures == 1 }
                }
            }
        }
    }

    @Test func aProxyHeaderComesBeforeTLS() async throws {
        let store = TLSContextStore(context: try TestCertificate.serverContext())
        let listener = HTTPListener(.tcp(host: "127.0.0.1", port: 0), tls: store, proxyProtocol: .always)
        try await ServerUnderTest.run(HTTPServerConfiguration(listeners: [listener])) { test in
            var tls = TLSConfiguration.makeClientConfiguration()
            tls.certificateVerification = .none
            let context = try NIOSSLContext(configuration: tls)
            let client = try await ClientBootstrap(group: test.group).connect(host: "127.0.0.1", port: test.port) {
                channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ProxyLineHandler())
                    try channel.pipeline.syncOperations.addHandler(
                        NIOSSLClientHandler(context: context, serverHostname: "localhost")
                    )
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
            try await client.executeThenClose { inbound, outbound in
                try await outbound.write(ByteBuffer(string: "GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"))
                #expect(await RawClient.rest(of: inbound).contains("[GET /x ]"))
            }
            #expect(test.application.record.addresses == ["192.0.2.7"])
        }
    }
}

/// Sends a PROXY line before anything else.
private final class ProxyLineHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelActive(context: ChannelHandlerContext) {
        let line = ByteBuffer(string: "PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n")
        context.writeAndFlush(wrapOutboundOut(line), promise: nil)
        context.fireChannelActive()
    }
}

/// Tells how a handshake ended.
private final class HandshakeWatch: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let promise: EventLoopPromise<String?>

    init(promise: EventLoopPromise<String?>) {
        self.promise = promise
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted(let negotiated)? = event as? TLSUserEvent { promise.succeed(negotiated) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.fail(ChannelError.eof)
    }
}
