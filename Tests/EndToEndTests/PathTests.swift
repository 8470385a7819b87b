import HTTPServing
import NIOCore
import Telemetry
import Testing

@testable import Gateway

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

private let upstream = ScriptedUpstream { _, writer in try await writer.answer("hello") }

/// Paths as clients write them, and what is said about those that are not served.
@Suite(.timeLimit(.minutes(15)))
struct PathTests {
    private static let chat = #"{"model":"qwen-plus","messages":[{"role":"user","content":"hi"}]}"#

    private func ask(
        _ method: String,
        _ path: String,
        body: String = "",
        headers: String = "",
        log: LogWriter? = nil
    ) async throws -> TestConnection.Response {
        try await GatewayUnderTest.run(upstream: upstream, log: log) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.send(
                    "\(method) \(path) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k\r\n\(headers)"
                        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
                )
                return try await client.response()
            }
        }
    }

    @Test(arguments: [
        "/compatible-mode/v1/chat/completions", "//v1/chat/completions", "/v1//chat///completions",
        "/v1/chat/completions/", "/compatible-mode//v1/chat/completions?x=1",
    ])
    func chatIsFoundUnderOtherSpellings(path: String) async throws {
        let response = try await ask("POST", path, body: Self.chat)
        #expect(response.status == 200)
        #expect(response.body.contains("hello"))
    }

    @Test(arguments: ["/metrics/", "//metrics", "/compatible-mode/metrics", "/ready/", "/%6detrics"])
    func pathsOfOperatorsHaveOneSpelling(path: String) async throws {
        #expect(try await ask("GET", path).status == 404)
    }

    @Test(arguments: [
        ("/chat/completions", "/v1/chat/completions"),
        ("/v1/v1/chat/completions", "/v1/chat/completions"),
        ("/openai/deployments/gpt-4o/chat/completions?api-version=1", "/v1/chat/completions"),
        ("/models", "/v1/models"),
        ("/v1/images/other", "POST /v1/images/edits"),
        ("/v1/fine_tuning/jobs", "does not serve fine-tuning"),
        ("/v1/chat/completion", "Did you mean /v1/chat/completions?"),
        ("/v1/embedings", "Did you mean /v1/embeddings?"),
    ])
    func whatIsNotServedIsToldWhatIs(path: String, words: String) async throws {
        let response = try await ask("POST", path, body: Self.chat)
        #expect(response.status == 404)
        #expect(response.body.contains(words))
        #expect(response.body.contains("unknown_url"))
    }

    @Test func errorsBelowMessagesHaveTheFormOfAnthropic() async throws {
        struct Answer: Decodable {
            struct Content: Decodable {
                var type: String
                var message: String
            }
            var type: String
            var error: Content
        }
        let response = try await ask("POST", "/v1/messages/batches", body: "{}")
        #expect(response.status == 404)
        #expect(response.header("request-id") == response.header("x-request-id"))
        let answer = try JSONDecoder().decode(Answer.self, from: Data(response.body.utf8))
        #expect(answer.type == "error")
        #expect(answer.error.type == "not_found_error")
        #expect(answer.error.message.contains("message batches"))
    }

    @Test(arguments: [
        ("GET", "/health"), ("GET", "/v1/models"), ("POST", "/v1/nothing"), ("POST", "/v1/chat/completions"),
    ])
    func everyAnswerTellsHowLongItTook(method: String, path: String) async throws {
        let response = try await ask(method, path, body: method == "POST" ? Self.chat : "")
        #expect(response.header("openai-processing-ms").flatMap { Int($0) } != nil)
    }

    @Test func theRecordHasTheUnknownPathAndTheIDOfTheClient() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "paths-\(UUID().uuidString).log")
        defer { try? FileManager.default.removeItem(at: file) }
        let log = try LogWriter(path: file.path)
        _ = try await ask("GET", "/v1/no\"thing?secret=1", headers: "x-request-id: mine-1\r\n", log: log)
        let line = try String(contentsOf: file, encoding: .utf8)
        #expect(line.contains(#""path":"/v1/no\"thing""#))
        #expect(line.contains(#""client_request_id":"mine-1""#))
        #expect(!line.contains("secret"))
    }

    @Test(arguments: [
        ("text-embedding-v4", 400), ("qwen3-tts-flash", 400), ("wan2.5-t2i-preview", 400), ("qwen3-asr-flash", 200),
    ])
    func modelsOfOtherKindsAreRefusedBeforeACall(model: String, status: Int) async throws {
        let body =
            #"{"model":"\#(model)","messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"https://x.example/a.wav"}}]}]}"#
        let response = try await ask("POST", "/v1/chat/completions", body: body)
        #expect(response.status == status)
        if status == 400 {
            #expect(response.body.contains("This is not a chat model"))
            #expect(response.body.contains(#""code":"model_not_supported""#))
            #expect(response.body.contains(#""param":"model""#))
        }
    }

    @Test func theListHasOnlyWhatAnEndpointServes() async throws {
        let body = try await ask("GET", "/v1/models").body
        #expect(body.contains("\"qwen-plus\""))
        #expect(body.contains("\"text-embedding-v4\""))
        #expect(body.contains("\"wan2.2-t2i-flash\""))
        #expect(!body.contains("\"wanx-virtualmodel\""))
        #expect(body.contains("\"qwen3-tts-flash\""))
        #expect(body.contains("\"sambert-zhichu-v1\""))
        #expect(body.contains("\"qwen3-tts-flash-realtime\""))
        #expect(!body.contains("\"qwen3-omni-flash-realtime\""))
        #expect(body.contains("\"qwen3-asr-flash\""))
    }

    @Test func modelsComeInPagesForClientsOfAnthropic() async throws {
        struct List: Decodable {
            struct Model: Decodable {
                var type: String
                var id: String
                var display_name: String
                var created_at: String
                var lifecycle: String
            }
            var data: [Model]
            var has_more: Bool
            var first_id: String?
            var last_id: String?
        }
        func page(_ query: String) async throws -> List {
            let response = try await ask("GET", "/v1/models\(query)", headers: "anthropic-version: 2023-06-01\r\n")
            return try JSONDecoder().decode(List.self, from: Data(response.body.utf8))
        }
        let first = try await page("")
        #expect(first.data.count == 20)
        #expect(first.has_more)
        #expect(
            first.data.allSatisfy { $0.type == "model" && $0.lifecycle == "active" && $0.created_at.hasSuffix("Z") }
        )
        let second = try await page("?limit=5&after_id=\(try #require(first.last_id))")
        #expect(second.data.count == 5)
        #expect(Set(first.data.map(\.id)).isDisjoint(with: second.data.map(\.id)))
        let back = try await page("?limit=3&before_id=\(try #require(second.first_id))")
        #expect(back.data.map(\.id) == Array(first.data.map(\.id).suffix(3)))
        let all = try await page("?limit=1000")
        #expect(!all.has_more)
        #expect(all.data.map(\.id).contains("qwen-plus"))
        let refused = try await ask("GET", "/v1/models?limit=0", headers: "anthropic-version: 1\r\n")
        #expect(refused.status == 400)
        #expect(refused.body.contains("limit: "))
        let missing = try await ask("GET", "/v1/models/nothing", headers: "anthropic-version: 1\r\n")
        #expect(missing.status == 404)
        #expect(missing.body.contains(#""type":"not_found_error","message":"model: nothing""#))
    }

    @Test func theListAsksAboutKeysWhereTheOperatorWantsIt() async throws {
        let judge = ScriptedUpstream { request, writer in
            let key = request.headers.first { $0.name.lowercased() == "authorization" }?.value
            if key == "Bearer wrong" {
                try await writer.json(401, #"{"code":"InvalidApiKey","message":"Invalid API-key provided."}"#)
            } else {
                try await writer.json(400, #"{"code":"InvalidParameter","message":"messages must not be empty"}"#)
            }
        }
        try await GatewayUnderTest.run(upstream: judge, configure: { $0.models.verifyKeys = true }) { gateway in
            for (key, status) in [("right", 200), ("wrong", 401), ("right", 200), ("wrong", 401)] {
                try await TestConnection.open(port: gateway.port) { client in
                    try await client.send("GET /v1/models HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(key)\r\n\r\n")
                    let response = try await client.response()
                    #expect(response.status == status)
                    if status == 401 { #expect(response.body.contains("invalid_api_key")) }
                }
            }
        }
        #expect(judge.requests.count == 2)
    }
}
