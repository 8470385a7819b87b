import DashScopeEmulator
import Foundation
import HTTPServing
import NIOCore
import Testing
import Upstream

@testable import Gateway

/// Batches from the client to upstream and back.
@Suite(.timeLimit(.minutes(15)))
struct BatchTests {
    private func document(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    private static func line(_ id: String, _ text: String) -> String {
        #"{"custom_id":"\#(id)","method":"POST","url":"/v1/chat/completions","body":{"model":"qwen-plus","#
            + #""messages":[{"role":"user","content":"\#(text)"}]}}"# + "\n"
    }

    /// The id of a batch's input that was uploaded.
    private func uploadInput(_ client: TestConnection) async throws -> String {
        try await client.sendForm([
            .text("purpose", "batch"), .file("file", "in.jsonl", Self.line("a", "one") + Self.line("b", "two")),
        ])
        return try #require(try document(try await client.response().body)["id"] as? String)
    }

    private func create(_ input: String) -> String {
        #"{"input_file_id":"\#(input)","endpoint":"/v1/chat/completions","completion_window":"24h","#
            + #""metadata":{"ds_name":"nightly"}}"#
    }

    @Test func aBatchFromItsInputToItsResults() async throws {
        try await GatewayUnderTest.run(upstream: DashScopeEmulator()) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                let input = try await uploadInput(client)
                try await client.sendJSON(create(input), to: "/v1/batches")
                let created = try await client.response()
                #expect(created.status == 200, "\(created.body)")
                var batch = try document(created.body)
                let id = try #require(batch["id"] as? String)
                #expect(batch["object"] as? String == "batch")
                #expect(batch["status"] as? String == "validating")
                #expect(batch["error_file_id"] is NSNull)
                #expect((batch["metadata"] as? [String: Any])?["ds_name"] as? String == "nightly")
                while batch["status"] as? String != "completed" {
                    try await client.ask("GET", "/v1/batches/\(id)")
                    batch = try document(try await client.response().body)
                    #expect(batch["status"] as? String != "failed")
                }
                #expect((batch["request_counts"] as? [String: Any])?["completed"] as? Int == 2)

                let output = try #require(batch["output_file_id"] as? String)
                try await client.ask("GET", "/v1/files/\(output)/content")
                let content = try await client.response()
                #expect(content.status == 200)
                #expect(content.header("content-type") == "application/octet-stream")
                let lines = try content.body.split(separator: "\n").map { try document(String($0)) }
                #expect(Set(lines.compactMap { $0["custom_id"] as? String }) == ["a", "b"])
                for line in lines {
                    #expect((line["response"] as? [String: Any])?["status_code"] as? Int == 200)
                    #expect(line["error"] is NSNull)
                }

                try await client.ask("GET", "/v1/batches?limit=5")
                let page = try document(try await client.response().body)
                #expect(page["first_id"] as? String == id)

                try await client.ask("POST", "/v1/batches/\(id)/cancel")
                #expect(try await client.response().status == 400)

                // What was uploaded cannot be had again.
                try await client.ask("GET", "/v1/files/\(input)/content")
                #expect(try await client.response().status == 400)
            }
        }
    }

    @Test func aBatchIsCancelled() async throws {
        try await GatewayUnderTest.run(upstream: DashScopeEmulator()) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendJSON(create(try await uploadInput(client)), to: "/v1/batches")
                let id = try #require(try document(try await client.response().body)["id"] as? String)
                try await client.ask("POST", "/v1/batches/\(id)/cancel")
                let cancelled = try await client.response()
                #expect(cancelled.status == 200)
                #expect(try document(cancelled.body)["status"] as? String == "cancelling")
            }
        }
    }

    @Test func noBatchesAreAnEmptyList() async throws {
        try await GatewayUnderTest.run(upstream: DashScopeEmulator()) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.ask("GET", "/v1/batches")
                let page = try document(try await client.response().body)
                #expect((page["data"] as? [Any])?.isEmpty == true)
                #expect(page["last_id"] is NSNull)
            }
        }
    }

    @Test func requestsWithOneKeyStartOneBatch() async throws {
        let emulator = DashScopeEmulator()
        let upstream = ScriptedUpstream { try await emulator.respond(to: $0, writer: $1) }
        try await GatewayUnderTest.run(upstream: upstream) { gateway in
            let input = try await TestConnection.open(port: gateway.port) { try await uploadInput($0) }
            let json = create(input)
            let ids = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        try await TestConnection.open(port: gateway.port) { client in
                            try await client.send(
                                "POST /v1/batches HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer sk-test\r\n"
                                    + "Idempotency-Key: k\r\nContent-Length: \(json.utf8.count)\r\n\r\n\(json)"
                            )
                            return try #require(try document(try await client.response().body)["id"] as? String)
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(ids).count == 1)
            #expect(upstream.requests.filter { $0.path == "/compatible-mode/v1/batches" }.count == 1)
        }
    }

    @Test func resultsThatAreCutAreSeenToBe() async throws {
        let upstream = ScriptedUpstream { _, writer in
            try await writer.start(status: 200, headers: [])
            try await writer.write(ByteBuffer(string: "{\"custom_id\":\"a\"}\n{\"custom"))
            throw CancellationError()
        }
        try await GatewayUnderTest.run(upstream: upstream) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.ask("GET", "/v1/files/file-batch_output-1/content")
                #expect(try await client.head().status == 200)
                #expect(try await client.read(until: "}\n").contains("\"error\":null"))
                await #expect(throws: (any Error).self) { while try await client.piece() != nil {} }
            }
        }
    }
}
