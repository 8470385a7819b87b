import DashScopeEmulator
import Foundation
import HTTPServing
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

@testable import Gateway

/// `model: "app/…"` from the client to DashScope's apps and back.
@Suite(.timeLimit(.minutes(15)))
struct AppTests {
    private static let chat = "/v1/chat/completions"
    private static let question = #""messages":[{"role":"user","content":"hello"}]"#

    private func ask(
        _ json: String,
        path: String = chat,
        upstream: any HTTPResponding = DashScopeEmulator()
    ) async throws -> TestConnection.Response {
        try await GatewayUnderTest.answer(to: json, at: path, upstream: upstream)
    }

    private static func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    private static func text(_ answer: [String: Any]) -> String? {
        (((answer["choices"] as? [[String: Any]])?.first)?["message"] as? [String: Any])?["content"] as? String
    }

    @Test func theIdStandsInThePath() async throws {
        let upstream = ScriptedUpstream { _, writer in
            try await writer.json(
                200,
                #"{"output":{"finish_reason":"stop","session_id":"s-1","text":"hi"},"usage":{},"request_id":"up-1"}"#
            )
        }
        let response = try await ask(#"{"model":"app/0A1b-2_c",\#(Self.question)}"#, upstream: upstream)
        #expect(response.status == 200)
        let sent = try #require(upstream.requests.first)
        #expect(sent.path == "/api/v1/apps/0A1b-2_c/completion")
        #expect(sent.headers.first(name: "authorization") == "Bearer sk-test")
        #expect(!String(buffer: sent.body).contains("\"model\""))
        let answer = try Self.object(response.body)
        #expect(Self.text(answer) == "hi")
        #expect(answer["session_id"] as? String == "s-1")
        #expect(answer["model"] as? String == "app/0A1b-2_c")
        #expect(answer["usage"] == nil)
    }

    @Test func anAgentAndAWorkflowAnswerChat() async throws {
        let agent = try Self.object(
            try await ask(
                #"{"model":"app/a1","has_thoughts":true,"rag_options":{"pipeline_ids":["p"]},\#(Self.question)}"#
            )
            .body
        )
        #expect(Self.text(agent) == "Echo: hello<ref>[1]</ref>")
        #expect((agent["thoughts"] as? [Any])?.count == 1)
        #expect((agent["doc_references"] as? [[String: Any]])?.first?["doc_id"] as? String == "file_1")
        #expect(((agent["usage"] as? [String: Any])?["total_tokens"] as? Int ?? 0) > 0)
        let workflow = try Self.object(try await ask(#"{"model":"app/workflow-1",\#(Self.question)}"#).body)
        #expect(Self.text(workflow) == "Echo: hello")
    }

    @Test(arguments: ["app/a1", "app/workflow-1"])
    func aStreamIsAStream(model: String) async throws {
        let response = try await ask(
            #"{"model":"\#(model)","stream":true,"flow_stream_mode":"message_format",\#(Self.question)}"#
        )
        #expect(response.header("content-type") == "text/event-stream; charset=utf-8")
        #expect(response.body.hasSuffix("data: [DONE]\n\n"))
        let texts = try response.body.components(separatedBy: "\n\n").filter { $0.hasPrefix("data: {") }.compactMap {
            let chunk = try Self.object(String($0.dropFirst(6)))
            let delta = (chunk["choices"] as? [[String: Any]])?.first?["delta"] as? [String: Any]
            return delta?["content"] as? String
        }
        #expect(texts.joined() == "Echo: hello")
        #expect(texts.count > 2)
    }

    @Test func aSessionGoesOn() async throws {
        let upstream = DashScopeEmulator()
        try await GatewayUnderTest.run(upstream: upstream) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendJSON(#"{"model":"app/a1",\#(Self.question)}"#, to: Self.chat)
                let session = try #require(try Self.object(try await client.response().body)["session_id"] as? String)
                try await client.sendJSON(
                    #"{"model":"app/a1","session_id":"\#(session)","messages":[{"role":"user","content":"again"}]}"#,
                    to: Self.chat
                )
                let second = try Self.object(try await client.response().body)
                #expect(Self.text(second) == "Earlier you said: hello. Echo: again")
                #expect(second["session_id"] as? String == session)
            }
        }
    }

    @Test(arguments: [false, true])
    func aResponseContinuesTheSession(stream: Bool) async throws {
        try await GatewayUnderTest.run(upstream: DashScopeEmulator()) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                func response(_ members: String) async throws -> [String: Any] {
                    try await client.sendJSON(
                        #"{"model":"app/a1","stream":\#(stream),\#(members)}"#,
                        to: "/v1/responses"
                    )
                    let body = try await client.response().body
                    guard stream else { return try Self.object(body) }
                    let last = try #require(body.components(separatedBy: "data: ").last)
                    return try #require(try Self.object(last)["response"] as? [String: Any])
                }
                func text(_ response: [String: Any]) -> String? {
                    let item = (response["output"] as? [[String: Any]])?.first
                    return (item?["content"] as? [[String: Any]])?.first?["text"] as? String
                }
                let first = try await response(#""input":"hello""#)
                #expect(text(first) == "Echo: hello")
                let id = try #require(first["id"] as? String)
                let second = try await response(#""input":"again","previous_response_id":"\#(id)""#)
                #expect(text(second) == "Earlier you said: hello. Echo: again")
                #expect(second["session_id"] as? String == first["session_id"] as? String)
            }
        }
    }

    @Test func messagesOfAnthropicAskAnApp() async throws {
        try await GatewayUnderTest.run(upstream: DashScopeEmulator()) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendMessages(#"{"model":"app/a1","max_tokens":50,\#(Self.question)}"#)
                let answer = try Self.object(try await client.response().body)
                #expect((answer["content"] as? [[String: Any]])?.first?["text"] as? String == "Echo: hello")
                #expect((answer["session_id"] as? String)?.isEmpty == false)
            }
        }
    }

    @Test func refusalsAreToldAsOnEveryModel() async throws {
        let unknown = ScriptedUpstream { _, writer in
            try await writer.json(
                403,
                #"{"code":"App.AccessDenied","message":"App access denied.","request_id":"up-1"}"#
            )
        }
        let denied = try await ask(#"{"model":"app/a1",\#(Self.question)}"#, upstream: unknown)
        #expect(denied.status == 403)
        #expect(denied.body.contains(#""code":"access_denied""#))
        let tools = try await ask(
            #"{"model":"app/a1","tools":[{"type":"function","function":{"name":"f"}}],\#(Self.question)}"#
        )
        #expect(tools.status == 400)
        #expect(tools.body.contains(#""param":"tools""#))
        let throttled = try await ask(#"{"model":"app/a1-emulator-first-1-throttled",\#(Self.question)}"#)
        #expect(throttled.status == 200)
        #expect(throttled.header("x-gateway-attempts") == "2")
    }

    @Test func aClientThatLeavesEndsTheCall() async throws {
        let ended = Mutex(false)
        let upstream = ScriptedUpstream { _, writer in
            try await writer.startEvents()
            try await writer.write(
                ByteBuffer(
                    string: "data:{\"output\":{\"text\":\"begun\",\"finish_reason\":\"null\"},\"request_id\":\"u\"}\n\n"
                )
            )
            do {
                try await writer.waitForTheCaller()
            } catch {
                ended.withLock { $0 = true }
            }
        }
        try await GatewayUnderTest.run(upstream: upstream) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendJSON(#"{"model":"app/a1","stream":true,\#(Self.question)}"#, to: Self.chat)
                _ = try await client.head()
            }
            try await eventually { ended.withLock { $0 } && gateway.service.openRequestCount == 0 }
        }
    }
}
