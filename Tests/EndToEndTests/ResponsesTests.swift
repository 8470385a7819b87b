import Foundation
import HTTPServing
import NIOCore
import NIOHTTP1
import Testing

@testable import Gateway

/// `POST /v1/responses` from the client to upstream and back.
@Suite(.timeLimit(.minutes(15)))
struct ResponsesTests {
    private func ask(
        _ json: String,
        path: String = "/v1/responses",
        upstream: ScriptedUpstream = ScriptedUpstream { _, writer in try await writer.answer("hello") }
    ) async throws -> TestConnection.Response {
        try await GatewayUnderTest.answer(to: json, at: path, upstream: upstream)
    }

    private static func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test func aWholeAnswer() async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.answer("hello") }
        let response = try await ask(#"{"model":"qwen-plus","input":"hi"}"#, upstream: upstream)
        #expect(response.status == 200)
        let answer = try Self.object(response.body)
        #expect(answer["object"] as? String == "response" && answer["status"] as? String == "completed")
        #expect((answer["id"] as? String)?.hasPrefix("resp_") == true)
        let completed = try #require(answer["completed_at"] as? Int)
        #expect(completed >= (try #require(answer["created_at"] as? Int)))
        let output = try #require(answer["output"] as? [[String: Any]])
        let content = try #require(output.first?["content"] as? [[String: Any]])
        #expect(content.first?["text"] as? String == "hello")
        #expect((answer["usage"] as? [String: Any])?["input_tokens"] as? Int == 4)
        let sent = try #require(upstream.requests.first)
        #expect(String(buffer: sent.body).contains(#""messages":[{"role":"user","content":"hi"}]"#))
    }

    @Test func aStreamHasTheEventsOfResponses() async throws {
        let upstream = ScriptedUpstream { _, writer in
            try await writer.startEvents()
            try await writer.event("one")
            try await writer.event(" two", finish: "stop", id: 2)
            try await writer.finish()
        }
        let response = try await ask(#"{"model":"qwen-plus","stream":true,"input":"hi"}"#, upstream: upstream)
        #expect(response.header("content-type") == "text/event-stream; charset=utf-8")
        let events = response.body.split(separator: "\n").filter { $0.hasPrefix("event: response.") }
            .map { $0.dropFirst("event: response.".count) }
        #expect(
            events == [
                "created", "in_progress", "output_item.added", "content_part.added", "output_text.delta",
                "output_text.delta", "output_text.done", "content_part.done", "output_item.done", "completed",
            ]
        )
    }

    @Test func aStreamThatBreaksEndsWithAFailedResponse() async throws {
        let upstream = ScriptedUpstream { _, writer in
            try await writer.startEvents()
            try await writer.event("one")
            try await writer.finish()
        }
        let response = try await ask(#"{"model":"qwen-plus","stream":true,"input":"hi"}"#, upstream: upstream)
        #expect(response.status == 200)
        #expect(response.body.contains("event: response.failed\n"))
        #expect(!response.body.contains("event: response.completed\n"))
    }

    @Test func refusalsNameTheItem() async throws {
        let refused = try await ask(
            #"{"model":"qwen-plus","input":[{"role":"user","content":[{"type":"input_file"}]}]}"#
        )
        #expect(refused.status == 400)
        #expect(refused.body.contains(#""param":"input[0].content[0].file_data""#))
    }

    @Test func tokensAreCountedHere() async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.answer("hello") }
        let response = try await ask(
            #"{"model":"qwen-plus","input":"12345678"}"#,
            path: "/v1/responses/input_tokens",
            upstream: upstream
        )
        #expect(response.body == #"{"object":"response.input_tokens","input_tokens":9}"#)
        #expect(upstream.requests.isEmpty)
    }

    // MARK: - Stored responses

    /// Asks several times on one connection; each request is made of the answer before it.
    private func converse(
        upstream: ScriptedUpstream,
        _ requests: @escaping (TestConnection) async throws -> Void
    ) async throws {
        try await GatewayUnderTest.run(upstream: upstream) { gateway in
            try await TestConnection.open(port: gateway.port) { try await requests($0) }
        }
    }

    @Test(arguments: [false, true]) func aResponseIsContinuedReadAndForgotten(isStreamed: Bool) async throws {
        let upstream = ScriptedUpstream { request, writer in
            if isStreamed, String(buffer: request.body).contains(#""content":"first"}]"#) {
                try await writer.startEvents()
                try await writer.event("hello", finish: "stop")
                try await writer.finish()
            } else {
                try await writer.answer("hello")
            }
        }
        try await converse(upstream: upstream) { client in
            try await client.sendJSON(
                #"{"model":"qwen-plus","stream":\#(isStreamed),"input":"first"}"#,
                to: "/v1/responses"
            )
            let first = try await client.response().body
            let id = "resp_" + (try #require(first.firstMatch(of: /resp_([0-9a-f]+)/)?.1))

            try await client.sendJSON(
                #"{"model":"qwen-plus","previous_response_id":"\#(id)","input":"second"}"#,
                to: "/v1/responses"
            )
            let second = try Self.object(try await client.response().body)
            #expect(second["previous_response_id"] as? String == id)
            let sent = String(buffer: try #require(upstream.requests.last).body)
            #expect(
                sent.contains(
                    #"[{"role":"user","content":"first"},{"role":"assistant","content":"hello"},{"role":"user","content":"second"}]"#
                )
            )

            try await client.ask("GET", "/v1/responses/\(id)")
            let stored = try Self.object(try await client.response().body)
            #expect(stored["id"] as? String == id && stored["status"] as? String == "completed")
            try await client.ask("GET", "/v1/responses/\(id)/input_items?limit=5")
            let items = try Self.object(try await client.response().body)
            #expect((items["data"] as? [[String: Any]])?.first?["role"] as? String == "user")
            #expect(items["has_more"] as? Bool == false)
            try await client.ask("GET", "/v1/responses/\(id)", key: "sk-other")
            #expect(try await client.response().status == 404)
            try await client.ask("POST", "/v1/responses/\(id)/cancel")
            #expect(try await client.response().status == 400)

            try await client.ask("DELETE", "/v1/responses/\(id)")
            #expect(try Self.object(try await client.response().body)["deleted"] as? Bool == true)
            try await client.ask("GET", "/v1/responses/\(id)")
            #expect(try await client.response().status == 404)
            try await client.sendJSON(
                #"{"model":"qwen-plus","previous_response_id":"\#(id)","input":"third"}"#,
                to: "/v1/responses"
            )
            let refused = try await client.response()
            #expect(refused.status == 400)
            #expect(refused.body.contains(#""code":"previous_response_not_found""#))
        }
    }

    @Test func nothingIsKeptWhereTheClientWantsNothingKept() async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.answer("hello") }
        try await converse(upstream: upstream) { client in
            try await client.sendJSON(#"{"model":"qwen-plus","store":false,"input":"first"}"#, to: "/v1/responses")
            let answer = try Self.object(try await client.response().body)
            #expect(answer["store"] as? Bool == false)
            try await client.ask("GET", "/v1/responses/\(try #require(answer["id"] as? String))")
            #expect(try await client.response().status == 404)
        }
    }

    @Test func aReferenceIsTheItemItself() async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.answer("hello") }
        try await converse(upstream: upstream) { client in
            try await client.sendJSON(#"{"model":"qwen-plus","input":"first"}"#, to: "/v1/responses")
            let output = try Self.object(try await client.response().body)["output"] as? [[String: Any]]
            let id = try #require(output?.first?["id"] as? String)
            try await client.sendJSON(
                #"{"model":"qwen-plus","input":[{"role":"user","content":"a"},{"type":"item_reference","id":"\#(id)"},{"role":"user","content":"b"}]}"#,
                to: "/v1/responses"
            )
            #expect(try await client.response().status == 200)
            let sent = String(buffer: try #require(upstream.requests.last).body)
            #expect(sent.contains(#"{"role":"assistant","content":"hello"}"#))
        }
    }

    @Test func aSummaryTakesThePlaceOfAConversation() async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.answer("the summary") }
        try await converse(upstream: upstream) { client in
            try await client.sendJSON(
                #"{"model":"qwen-plus","instructions":"Be brief.","tools":[],"input":[{"role":"user","content":"first"},{"role":"assistant","content":"yes"}]}"#,
                to: "/v1/responses/compact"
            )
            let answer = try Self.object(try await client.response().body)
            #expect(answer["object"] as? String == "response.compaction")
            let asked = String(buffer: try #require(upstream.requests.last).body)
            #expect(asked.contains(#"{"role":"user","content":"first"},{"role":"assistant","content":"yes"}"#))
            #expect(asked.contains("Summarize the conversation above"))
            let item = try #require((answer["output"] as? [[String: Any]])?.first)
            let sealed = try #require(item["encrypted_content"] as? String)
            #expect(!sealed.contains("summary"))
            let next =
                #"{"model":"qwen-plus","input":[{"type":"compaction","encrypted_content":"\#(sealed)"},{"role":"user","content":"go on"}]}"#
            try await client.sendJSON(next, to: "/v1/responses")
            let response = try await client.response()
            #expect(response.status == 200 && response.header("x-gateway-adjustments") == nil)
            let sent = String(buffer: try #require(upstream.requests.last).body)
            #expect(sent.contains(#"<conversation-summary>\nthe summary\n</conversation-summary>"#))
            // It is the caller's own: another key gets nothing of it.
            try await client.sendJSON(next, to: "/v1/responses", key: "sk-other")
            #expect(try await client.response().header("x-gateway-adjustments")?.hasPrefix("input[*];") == true)
            #expect(!String(buffer: try #require(upstream.requests.last).body).contains("the summary"))
            try await client.sendJSON(#"{"model":"qwen-plus"}"#, to: "/v1/responses/compact")
            let refused = try await client.response()
            #expect(refused.status == 400 && refused.body.contains(#""param":"input""#))
        }
    }

    /// What no turn could use is refused when it comes, under its place in that request.
    @Test(arguments: [
        (#"{"items":[{"role":"nix","content":"a"}]}"#, "items[0].role"),
        (#"{"items":[{"role":"user","content":"a"},{}]}"#, "items[1].type"),
        (#"{"items":[{"role":"user"}]}"#, "items[0].content"),
        (#"{"items":[{"role":"user","content":5}]}"#, "items[0].content"),
        (#"{"items":[{"role":"user","content":[[[]]]}]}"#, "items[0].content[0]"),
        (#"{"items":[{"role":"user","content":[{"text":"a"}]}]}"#, "items[0].content[0].type"),
        (#"{"items":[{"id":5,"role":"user","content":"x"}]}"#, "items[0].id"),
        (#"{"items":[{"type":"item_reference","id":"msg_a"}]}"#, "items[0]"),
        (#"{"items":[{"type":"item_reference"}]}"#, "items[0].id"),
        (#"{"items":[{"type":"function_call_output","output":"x"}]}"#, "items[0].call_id"),
        (#"{"metadata":{"a":1}}"#, "metadata.a"),
    ]) func aConversationTakesWhatTurnsCanUse(body: String, param: String) async throws {
        try await converse(upstream: ScriptedUpstream { _, _ in }) { client in
            try await client.sendJSON(body, to: "/v1/conversations")
            let refused = try await client.response()
            #expect(refused.status == 400)
            let error = try #require(try Self.object(refused.body)["error"] as? [String: Any])
            #expect(error["param"] as? String == param)
        }
    }

    @Test func whatIsWrongInAConversationIsItsOwn() async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.answer("hello") }
        try await converse(upstream: upstream) { client in
            func refusal(_ body: String, _ path: String) async throws -> String? {
                try await client.sendJSON(body, to: path)
                let response = try await client.response()
                #expect(response.status == 400)
                return (try Self.object(response.body)["error"] as? [String: Any])?["param"] as? String
            }
            try await client.sendJSON(
                #"{"items":[{"type":"function_call_output","call_id":"c","output":"x"}],"metadata":{"a":"b","c":null}}"#,
                to: "/v1/conversations"
            )
            let conversation = try Self.object(try await client.response().body)
            #expect(conversation["metadata"] as? [String: String] == ["a": "b"])
            let id = try #require(conversation["id"] as? String)
            let turn = #"{"model":"qwen-plus","input":"go","conversation":"\#(id)"}"#
            #expect(try await refusal(turn, "/v1/responses") == "conversation")
            let bare = #"{"model":"qwen-plus","input":"go","conversation":{}}"#
            #expect(try await refusal(bare, "/v1/responses") == "conversation.id")
            #expect(try await refusal("{}", "/v1/conversations/\(id)") == "metadata")
            #expect(try await refusal("{}", "/v1/conversations/\(id)/items") == "items")
            try await client.ask("GET", "/v1/conversations/\(id)")
            let still = try Self.object(try await client.response().body)
            #expect(still["metadata"] as? [String: String] == ["a": "b"])
            try await client.ask("GET", "/v1/conversations/\(id)/items?after=nix")
            let page = try await client.response()
            #expect(page.status == 400 && page.body.contains(#""param":"after""#))
        }
    }

    /// Upstream's own word for the conversation is the caller's, on whatever endpoint.
    @Test(arguments: [
        ("/v1/responses", #"{"model":"qwen-plus","input":"x"}"#, "input"),
        ("/v1/responses", #"{"model":"qwen-plus","input":"x","stream":true}"#, "input"),
        ("/v1/chat/completions", #"{"model":"qwen-plus","messages":[{"role":"user","content":"x"}]}"#, "messages"),
        ("/v1/embeddings", #"{"model":"text-embedding-v4","input":"x"}"#, "input"),
        ("/v1/rerank", #"{"model":"gte-rerank-v2","query":"x","documents":["a"]}"#, "documents"),
        ("/v2/rerank", #"{"model":"gte-rerank-v2","query":"x","documents":["a"]}"#, "documents"),
    ]) func aRefusalNamesTheCallersParameter(path: String, body: String, param: String) async throws {
        let upstream = ScriptedUpstream { _, writer in
            try await writer.json(
                400,
                #"{"code":"InvalidParameter","message":"Range of input length should be [1, 129024]","request_id":"r"}"#
            )
        }
        try await converse(upstream: upstream) { client in
            try await client.sendJSON(body, to: path)
            let refused = try await client.response()
            #expect(refused.status == 400)
            let error = try #require(try Self.object(refused.body)["error"] as? [String: Any])
            #expect(error["param"] as? String == param)
            #expect(error["code"] as? String == "context_length_exceeded")
        }
    }

    /// Items are listed with ids, parts and states, however they came.
    @Test func inputItemsAreListedInOneForm() async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.answer("hello") }
        try await converse(upstream: upstream) { client in
            try await client.sendJSON(
                #"{"model":"qwen-plus","input":[{"id":"msg_own","type":"message","role":"user","content":"with id"},{"role":"assistant","content":[{"type":"output_text","text":"yes"}]},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":"x"},{"role":"user","content":[{"type":"text","text":"two"}]}]}"#,
                to: "/v1/responses"
            )
            let id = try #require(try Self.object(try await client.response().body)["id"] as? String)
            try await client.ask("GET", "/v1/responses/\(id)/input_items?order=asc")
            let items = try #require(try Self.object(try await client.response().body)["data"] as? [[String: Any]])
            func parts(_ index: Int) -> [[String: Any]] { items[index]["content"] as? [[String: Any]] ?? [] }
            #expect(items[0]["id"] as? String == "msg_own")
            #expect(
                parts(0).first?["type"] as? String == "input_text" && parts(0).first?["text"] as? String == "with id"
            )
            #expect(parts(1).first?["annotations"] as? [String] == [])
            #expect((items[2]["id"] as? String)?.hasPrefix("fc_") == true)
            #expect(parts(4).first?["type"] as? String == "input_text" && parts(4).first?["text"] as? String == "two")
            #expect(items.allSatisfy { $0["status"] as? String == "completed" })
            // And the next turn sends what was meant.
            try await client.sendJSON(
                #"{"model":"qwen-plus","input":"go","previous_response_id":"\#(id)"}"#,
                to: "/v1/responses"
            )
            #expect(try await client.response().status == 200)
            let sent = String(buffer: try #require(upstream.requests.last).body)
            for text in ["with id", "yes", "two"] { #expect(sent.contains("\"content\":\"\(text)\"")) }
        }
    }

    @Test func aConversationGrows() async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.answer("hello") }
        try await converse(upstream: upstream) { client in
            try await client.sendJSON(
                #"{"items":[{"role":"user","content":"zero"},{"role":"assistant","content":"yes"}],"metadata":{"a":"b"}}"#,
                to: "/v1/conversations"
            )
            let conversation = try Self.object(try await client.response().body)
            let id = try #require(conversation["id"] as? String)
            #expect(conversation["metadata"] as? [String: String] == ["a": "b"])
            try await client.sendJSON(
                #"{"model":"qwen-plus","conversation":"\#(id)","input":"one"}"#,
                to: "/v1/responses"
            )
            let answer = try Self.object(try await client.response().body)
            #expect((answer["conversation"] as? [String: String])?["id"] == id)
            try await client.sendJSON(
                #"{"model":"qwen-plus","conversation":{"id":"\#(id)"},"input":"two"}"#,
                to: "/v1/responses"
            )
            #expect(try await client.response().status == 200)
            let sent = String(buffer: try #require(upstream.requests.last).body)
            for text in ["zero", "yes", "one", "hello", "two"] { #expect(sent.contains("\"content\":\"\(text)\"")) }
            try await client.ask("GET", "/v1/conversations/\(id)/items?order=asc&limit=3")
            let page = try Self.object(try await client.response().body)
            let items = try #require(page["data"] as? [[String: Any]])
            #expect(items.count == 3 && page["has_more"] as? Bool == true)
            let item = try #require(items.first?["id"] as? String)
            try await client.ask("DELETE", "/v1/conversations/\(id)/items/\(item)")
            #expect(try Self.object(try await client.response().body)["id"] as? String == id)
            try await client.ask("GET", "/v1/conversations/\(id)/items/\(item)")
            #expect(try await client.response().status == 404)
            try await client.sendJSON(#"{"metadata":{"c":"d"}}"#, to: "/v1/conversations/\(id)")
            #expect(try Self.object(try await client.response().body)["metadata"] as? [String: String] == ["c": "d"])
            try await client.ask("DELETE", "/v1/conversations/\(id)")
            #expect(try Self.object(try await client.response().body)["deleted"] as? Bool == true)
            try await client.sendJSON(
                #"{"model":"qwen-plus","conversation":"\#(id)","input":"three"}"#,
                to: "/v1/responses"
            )
            #expect(try await client.response().status == 404)
        }
    }

    @Test func codexGetsAListOfModelsItCanRead() async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.answer("hello") }
        try await GatewayUnderTest.run(upstream: upstream) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.send(
                    "GET /v1/models?client_version=0.163.0 HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer sk-test\r\n\r\n"
                )
                let answer = try Self.object(try await client.response().body)
                #expect((answer["models"] as? [Any])?.isEmpty == true)
                #expect((answer["data"] as? [Any])?.isEmpty == false)
            }
        }
    }
}
