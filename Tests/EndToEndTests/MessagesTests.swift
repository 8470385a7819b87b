import Foundation
import HTTPServing
import NIOCore
import NIOHTTP1
import Testing

@testable import Gateway

/// `POST /v1/messages` from the client to upstream and back.
@Suite(.timeLimit(.minutes(15)))
struct MessagesTests {
    private static let plain = #"{"model":"qwen-plus","max_tokens":50,"messages":[{"role":"user","content":"hi"}]}"#
    private static let stream =
        #"{"model":"qwen-plus","max_tokens":50,"stream":true,"messages":[{"role":"user","content":"hi"}]}"#

    private func ask(
        _ json: String,
        path: String = "/v1/messages?beta=true",
        upstream: ScriptedUpstream = ScriptedUpstream { _, writer in try await writer.answer("hello") }
    ) async throws -> TestConnection.Response {
        try await GatewayUnderTest.run(upstream: upstream) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendMessages(json, to: path)
                return try await client.response()
            }
        }
    }

    @Test func aWholeAnswer() async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.answer("hello") }
        let response = try await ask(Self.plain, upstream: upstream)
        #expect(response.status == 200)
        #expect(response.header("request-id") == "up-1")
        let document = try JSONSerialization.jsonObject(with: Data(response.body.utf8))
        let answer = try #require(document as? [String: Any])
        #expect(answer["type"] as? String == "message")
        #expect(answer["stop_reason"] as? String == "end_turn")
        #expect((answer["usage"] as? [String: Any])?["input_tokens"] as? Int == 4)
        let content = try #require(answer["content"] as? [[String: Any]])
        #expect(content.first?["text"] as? String == "hello")
        let sent = try #require(upstream.requests.first)
        #expect(String(buffer: sent.body).contains(#""messages":[{"role":"user","content":"hi"}]"#))
        #expect(sent.headers.first(name: "authorization") == "Bearer sk-test")
        #expect(sent.headers.first(name: "anthropic-version") == nil)
    }

    @Test func aStreamHasAnthropicsEvents() async throws {
        let upstream = ScriptedUpstream { _, writer in
            try await writer.startEvents()
            try await writer.event("one")
            try await writer.event(" two", finish: "stop", id: 2)
            try await writer.finish()
        }
        let response = try await ask(Self.stream, upstream: upstream)
        #expect(response.header("content-type") == "text/event-stream; charset=utf-8")
        let events = response.body.split(separator: "\n").filter { $0.hasPrefix("event: ") }.map { $0.dropFirst(7) }
        #expect(
            events == [
                "message_start", "content_block_start", "content_block_delta", "content_block_delta",
                "content_block_stop", "message_delta", "message_stop",
            ]
        )
        #expect(!response.body.contains("[DONE]"))
    }

    @Test func refusalsHaveAnthropicsForm() async throws {
        let refused = try await ask(#"{"model":"qwen-plus","messages":[{"role":"user","content":"hi"}]}"#)
        #expect(refused.status == 400)
        #expect(
            refused.body.hasPrefix(
                #"{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: Field required""#
            )
        )
        let unknown = try await ask(Self.plain.replacing("qwen-plus", with: "claude-opus-5-5"))
        #expect(unknown.status == 404)
        #expect(unknown.body.contains(#""type":"not_found_error","message":"model: claude-opus-5-5"#))
        let thread = try await ask(Self.plain.replacing("{\"model\"", with: #"{"thread":{"type":"create"},"model""#))
        #expect(thread.status == 400)
        #expect(thread.body.contains(#""details":{"error_code":"thread_unsupported_request"}"#))
    }

    @Test func theLargestAnswerIsLearnedFromUpstream() async throws {
        let upstream = ScriptedUpstream { request, writer in
            if String(buffer: request.body).contains(#""max_tokens":9000"#) {
                try await writer.json(
                    400,
                    #"{"code":"InvalidParameter","message":"Range of max_tokens should be [1, 4096]","request_id":"up-1"}"#
                )
            } else {
                try await writer.answer("hello")
            }
        }
        let request = #"{"model":"brand-new","max_tokens":9000,"messages":[{"role":"user","content":"hi"}]}"#
        let response = try await ask(request, upstream: upstream)
        #expect(response.status == 200)
        #expect(upstream.requests.count == 2)
        #expect(String(buffer: upstream.requests[1].body).contains(#""max_tokens":4096"#))
        #expect(response.header("x-gateway-adjustments")?.hasPrefix("max_tokens;from=9000;to=4096") == true)
    }

    @Test func tokensAreCountedHere() async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.answer("hello") }
        let response = try await ask(
            #"{"model":"qwen-plus","messages":[{"role":"user","content":"12345678"}]}"#,
            path: "/v1/messages/count_tokens?beta=true",
            upstream: upstream
        )
        #expect(response.status == 200)
        #expect(response.body == #"{"input_tokens":9}"#)
        #expect(response.header("x-gateway-token-count") == "estimate")
        #expect(upstream.requests.isEmpty)
    }
}
