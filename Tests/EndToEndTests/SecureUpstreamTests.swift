import HTTPServing
import NIOCore
import Testing
import Upstream

@testable import Gateway

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

private let plainRequest = #"{"model":"qwen-plus","messages":[{"role":"user","content":"hi"}]}"#
private let answering = ScriptedUpstream { _, writer in try await writer.answer("hello") }

@Suite(.timeLimit(.minutes(15)))
struct SecureUpstreamTests {
    @Test func aTrustedUpstreamIsCalledOverTLS() async throws {
        let authority = FileManager.default.temporaryDirectory.appending(path: "authority-\(UUID().uuidString).pem")
        try Data(TestCertificate.certificate.utf8).write(to: authority)
        defer { try? FileManager.default.removeItem(at: authority) }
        let tls = try TestCertificate.serverContext()
        try await GatewayUnderTest.run(
            upstream: answering,
            configure: { $0.upstream.certificateAuthority = authority.path },
            upstreamTLS: tls
        ) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                for _ in 0..<3 {
                    try await client.sendChat(plainRequest)
                    let response = try await client.response()
                    #expect(response.status == 200)
                }
            }
            // One handshake served all three.
            #expect(await gateway.upstream.connectionCount() == 1)
        }
    }

    @Test func theCertificateOfAnotherHostIsAnErrorOfItsOwn() async throws {
        let authority = FileManager.default.temporaryDirectory.appending(path: "authority-\(UUID().uuidString).pem")
        try Data(TestCertificate.certificateOfAnotherHost.utf8).write(to: authority)
        defer { try? FileManager.default.removeItem(at: authority) }
        let tls = try TestCertificate.contextOfAnotherHost()
        try await GatewayUnderTest.run(
            upstream: answering,
            configure: { $0.upstream.certificateAuthority = authority.path },
            upstreamTLS: tls
        ) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat(plainRequest)
                let response = try await client.response()
                #expect(response.status == 502)
                #expect(response.body.contains("\"upstream_certificate\""))
                #expect(response.header("x-gateway-attempts") == nil)
            }
            #expect(await gateway.service.upstreamStatistics().opened == 1)
        }
    }

    @Test func anUntrustedUpstreamIsNotCalled() async throws {
        try await GatewayUnderTest.run(upstream: answering, upstreamTLS: TestCertificate.serverContext()) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat(plainRequest)
                let response = try await client.response()
                #expect(response.status == 502)
                #expect(response.body.contains("upstream_unreachable"))
            }
        }
    }
}
