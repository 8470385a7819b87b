import APITranslation
import NIOCore
import Testing
import Upstream

@testable import Gateway

struct UpstreamHeadsTests {
    private let call = NativeCall(
        operation: .textGeneration,
        upstreamModel: "qwen-plus",
        body: ByteBuffer(string: "{}")
    )

    @Test func everyOperationHasItsOwnPlace() {
        #expect(DashScopeOperation.allCases.map(\.index) == Array(DashScopeOperation.allCases.indices))
    }

    @Test func aPlainUpstreamIsNamedInWholeToTheProxy() throws {
        let upstream = UpstreamConfiguration(
            host: "dashscope.example",
            port: 8080,
            proxy: try UpstreamProxy("http://user:pass@127.0.0.1:3128")
        )
        let lines = String(buffer: UpstreamHeads(upstream: upstream, pathPrefix: "/base").lines(for: call))
        #expect(lines.hasPrefix("POST http://dashscope.example:8080/base/api/v1/services/aigc/"))
        #expect(lines.contains("\r\nHost: dashscope.example:8080\r\n"))
        #expect(lines.contains("\r\nProxy-Authorization: Basic dXNlcjpwYXNz\r\n"))
        let direct = UpstreamConfiguration(host: "dashscope.example", port: 8080)
        let plain = String(buffer: UpstreamHeads(upstream: direct, pathPrefix: "").lines(for: call))
        #expect(plain.hasPrefix("POST /api/v1/services/aigc/"))
        #expect(!plain.contains("Proxy-Authorization"))
    }

    @Test func anExplanationHasTheOperatorsHeadersWithoutTheirValues() throws {
        var configuration = GatewayConfiguration()
        configuration.upstream.headers = [try UpstreamHeader(name: "X-Team", value: "marked-secret")]
        configuration.upstream.workspace = "ws-1"
        let text = try Explanation.make(
            of: ByteBuffer(string: #"{"model":"qwen-plus","messages":[{"role":"user","content":"hi"}]}"#),
            configuration: configuration,
            catalog: ModelCatalog(),
            strict: false
        )
        #expect(text.contains("\nX-Team: (set)\n"))
        #expect(text.contains("\nX-DashScope-WorkSpace: ws-1\n"))
        #expect(!text.contains("marked-secret"))
        // Every header on a line of its own, the key last.
        #expect(text.contains("\nAuthorization: Bearer (the caller's key)\n\n{"))
    }
}
