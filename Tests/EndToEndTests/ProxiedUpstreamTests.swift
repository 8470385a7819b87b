import HTTPServing
import NIOCore
import NIOHTTP1
import NIOPosix
import Testing
import Upstream

@testable import Gateway

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

private let plainRequest = #"{"model":"qwen-plus","messages":[{"role":"user","content":"hi"}]}"#

@Suite(.timeLimit(.minutes(15)))
struct ProxiedUpstreamTests {
    private let answering = ScriptedUpstream { _, writer in try await writer.answer("hello") }

    /// Asks a gateway whose upstream with TLS is behind a proxy; answers its responses.
    private func ask(
        times: Int = 1,
        through address: String,
        configure: (inout GatewayConfiguration) -> Void = { _ in }
    ) async throws -> [TestConnection.Response] {
        let authority = FileManager.default.temporaryDirectory.appending(path: "authority-\(UUID().uuidString).pem")
        try Data(TestCertificate.certificate.utf8).write(to: authority)
        defer { try? FileManager.default.removeItem(at: authority) }
        return try await GatewayUnderTest.run(
            upstream: answering,
            configure: {
                $0.upstream.certificateAuthority = authority.path
                $0.upstream.proxies.secure = address
                configure(&$0)
            },
            upstreamTLS: TestCertificate.serverContext()
        ) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                var responses: [TestConnection.Response] = []
                for _ in 0..<times {
                    try await client.sendChat(plainRequest)
                    responses.append(try await client.response())
                }
                return responses
            }
        }
    }

    @Test func aSecureUpstreamIsReachedThroughATunnel() async throws {
        let proxy = TunnelProxy(.tunnel)
        let responses = try await proxy.run { try await ask(times: 3, through: "http://user:pass@127.0.0.1:\($0)") }
        #expect(responses.map(\.status) == [200, 200, 200])
        // One tunnel carried all three, and saw nothing of them.
        let request = try #require(proxy.requests.first)
        #expect(proxy.requests.count == 1)
        #expect(request.hasPrefix("CONNECT localhost:"))
        #expect(request.contains("\r\nProxy-Authorization: Basic dXNlcjpwYXNz\r\n"))
        #expect(!request.contains("sk-test"))
        #expect(answering.requests.allSatisfy { $0.headers["proxy-authorization"].isEmpty })
    }

    @Test func aProxyThatWantsOtherCredentialsIsTold() async throws {
        let proxy = TunnelProxy(
            .refusal("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        )
        let response = try await proxy.run { try await ask(through: "http://user:pass@127.0.0.1:\($0)") }[0]
        #expect(response.status == 502)
        #expect(response.body.contains("\"proxy_authentication_required\""))
        #expect(response.body.contains("407"))
        #expect(!response.body.contains("pass"))
        #expect(proxy.requests.count == 1)
    }

    @Test func aProxyThatDoesNotReachUpstreamIsAskedAgain() async throws {
        let proxy = TunnelProxy(.refusal("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"))
        let response = try await proxy.run { try await ask(through: "127.0.0.1:\($0)") }[0]
        #expect(response.status == 502)
        #expect(response.body.contains("status 503"))
        #expect(proxy.requests.count == 3)
    }

    @Test func aProxyThatIsDownIsTold() async throws {
        let response = try await ask(through: "http://127.0.0.1:1")[0]
        #expect(response.status == 502)
        #expect(response.body.contains("\"proxy_error\""))
    }

    @Test func theConnectTimeoutCoversTheTunnel() async throws {
        let response = try await TunnelProxy(.silence).run {
            try await ask(through: "127.0.0.1:\($0)") {
                $0.upstream.connectTimeout = .milliseconds(50)
                $0.upstream.retry.maximumAttempts = 1
            }
        }[0]
        #expect(response.status == 504)
        #expect(response.body.contains("could not be reached in time"))
    }

    @Test func theConnectTimeoutCoversTLS() async throws {
        // A server that takes connections and never says a word.
        let response = try await TunnelProxy(.silence).run { port in
            try await ask(through: "") {
                $0.upstream.proxies.secure = nil
                $0.upstream.baseURL = "https://127.0.0.1:\(port)"
                $0.upstream.connectTimeout = .milliseconds(50)
                $0.upstream.retry.maximumAttempts = 1
            }
        }[0]
        #expect(response.status == 504)
        #expect(response.body.contains("could not be reached in time"))
    }

    @Test func anExceptedHostIsCalledDirectly() async throws {
        let response = try await ask(through: "http://127.0.0.1:1") { $0.upstream.proxies.exceptions = "localhost" }[0]
        #expect(response.status == 200)
    }

    @Test func aPlainUpstreamIsNamedToTheProxy() async throws {
        // The scripted server plays the proxy here.
        try await GatewayUnderTest.run(upstream: answering) {
            $0.upstream.proxies.plain = $0.upstream.baseURL.replacing("http://", with: "http://user:pass@")
            $0.upstream.baseURL = "http://dashscope.example:8080/base"
        } _: { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat(plainRequest)
                #expect(try await client.response().status == 200)
            }
        }
        // The server took the absolute target apart: its host is the request's, whatever the connection leads to.
        let request = try #require(answering.requests.first)
        #expect(request.target.hasPrefix("/base/"))
        #expect(request.headers["host"] == ["dashscope.example:8080"])
        #expect(request.headers["proxy-authorization"] == ["Basic dXNlcjpwYXNz"])
    }
}
