import HTTPServing
import NIOCore
import Testing

@testable import Gateway

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What `healthcheck` asks, at every kind of listener.
struct HealthCheckTests {
    enum Listener: CaseIterable {
        case plain, tls, proxy, proxyAndTLS, proxyThatTrustsOthers, unixSocket

        var isSecure: Bool { self == .tls || self == .proxyAndTLS }
        var speaksProxyProtocol: Bool { self == .proxy || self == .proxyAndTLS || self == .proxyThatTrustsOthers }
    }

    @Test(arguments: Listener.allCases) func theListenerIsAskedAsItsClientsWould(listener: Listener) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "gateway-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let certificate = folder.appending(path: "certificate.pem")
        let key = folder.appending(path: "key.pem")
        try Data(TestCertificate.certificate.utf8).write(to: certificate)
        try Data(TestCertificate.key.utf8).write(to: key)
        let trusted = listener == .proxyThatTrustsOthers ? ["10.0.0.0/8"] : ["127.0.0.0/8"]
        let socket = folder.appending(path: "s").path
        let upstream = ScriptedUpstream { _, writer in try await writer.answer("ok") }
        try await GatewayUnderTest.run(
            upstream: upstream,
            configure: {
                $0.server.proxyProtocol = listener.speaksProxyProtocol
                $0.server.trustedProxies = trusted
                if listener.isSecure {
                    $0.tls.certificate = certificate.path
                    $0.tls.key = key.path
                }
                if listener == .unixSocket { $0.server.listen = ["unix:\(socket)"] }
            }
        ) { gateway in
            let address = ListenAddress(
                place: listener == .unixSocket ? .unix(path: socket) : .tcp(host: "0.0.0.0", port: gateway.port),
                isSecure: listener.isSecure,
                expectsProxyProtocol: listener.speaksProxyProtocol
            )
            var probe = HealthProbe(address, trustedProxies: trusted)
            probe.timeout = .seconds(30)
            let place = listener == .unixSocket ? socket : "127.0.0.1:\(gateway.port)"
            for path in ["/health", "/ready"] {
                probe.path = path
                let verdict = await probe.run()
                #expect(verdict == HealthVerdict(isHealthy: true, line: "healthy: \(path) at \(place) answered 200"))
            }
        }
    }
}
