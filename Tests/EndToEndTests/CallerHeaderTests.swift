import HTTPServing
import NIOCore
import NIOHTTP1
import Testing
import Upstream

@testable import Gateway

private let request = #"{"model":"qwen-plus","messages":[{"role":"user","content":"hi"}]}"#

/// What a caller's headers may change, and what they may not.
@Suite(.timeLimit(.minutes(15)))
struct CallerHeaderTests {
    private let upstream = ScriptedUpstream { _, writer in try await writer.answer("hello") }

    /// The workspace and inspection headers that upstream gets; `ws-operator` and `on` are the operator's.
    private func sent(
        _ headers: String,
        key: String = "Authorization: Bearer sk-own\r\n",
        configure: (inout GatewayConfiguration) -> Void = { _ in }
    ) async throws -> [String] {
        let inspection = try UpstreamHeader(name: "X-DashScope-DataInspection", value: "on")
        try await GatewayUnderTest.run(upstream: upstream) {
            $0.upstream.workspace = "ws-operator"
            $0.upstream.headers = [inspection]
            configure(&$0)
        } _: { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.send(
                    "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n\(key)\(headers)"
                        + "Content-Length: \(request.utf8.count)\r\n\r\n\(request)"
                )
                #expect(try await client.response().status == 200)
            }
        }
        let seen = try #require(upstream.requests.last).headers
        return seen["x-dashscope-workspace"] + seen["x-dashscope-datainspection"]
    }

    private let own = "X-DashScope-WorkSpace: ws-own\r\nx-dashscope-datainspection: off\r\n"
    private let empty = "X-DashScope-WorkSpace:\r\nX-DashScope-DataInspection: \r\n"

    @Test func withItsOwnKeyACallerDecides() async throws {
        #expect(try await sent(own) == ["ws-own", "off"])
        #expect(try await sent(empty) == ["ws-operator", "on"])
    }

    @Test func theOperatorMayDecideForCallersWithTheirOwnKey() async throws {
        #expect(try await sent(own) { $0.callers.decideHeaders = false } == ["ws-operator", "on"])
        #expect(
            try await sent(own) {
                $0.callers.decideHeaders = false
                $0.upstream.workspace = nil
                $0.upstream.headers = []
            } == ["ws-own", "off"]
        )
    }

    @Test(arguments: [true, false]) func withTheServersKeyTheOperatorDecides(isSet: Bool) async throws {
        for headers in [own, empty] {
            let seen = try await sent(headers, key: "") {
                $0.callers.mayOmitKey = true
                $0.upstream.key = "sk-server"
                if !isSet {
                    $0.upstream.workspace = nil
                    $0.upstream.headers = []
                }
            }
            #expect(seen == (isSet ? ["ws-operator", "on"] : []))
        }
    }

    // MARK: - Strict mode

    /// A request that is repaired, or refused in strict mode.
    private let repaired = #"{"model":"qwen-plus","top_p":0,"messages":[{"role":"user","content":"hi"}]}"#

    @Test(arguments: [
        ("true", true, 400), ("TRUE", false, 400), ("false", false, 200), ("false", true, 200), ("nonsense", true, 400),
        ("nonsense", false, 400), ("", true, 400), ("0", true, 400), ("false, true", true, 400),
    ])
    func strictIsTrueOrFalse(word: String, isOperatorStrict: Bool, status: Int) async throws {
        try await GatewayUnderTest.run(upstream: upstream) {
            $0.translation.strict = isOperatorStrict
        } _: { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat(repaired, headers: "x-gateway-strict: \(word)\r\n")
                let response = try await client.response()
                #expect(response.status == status)
                if !["true", "false"].contains(word.lowercased()) {
                    #expect(response.body.contains("\"param\":\"x-gateway-strict\""))
                }
            }
        }
    }
}
