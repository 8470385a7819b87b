import HTTPServing
import NIOCore
import NIOHTTP1
import Telemetry
import Testing
import Upstream

@testable import Gateway

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

private let key = "sk-marked-key-5f1e"
private let prompt = "marked prompt 77aa"
private let answer = "marked answer 31cc"

/// Keys, prompts and answers appear in no record and no error, however a request ends.
@Suite(.timeLimit(.minutes(1)))
struct SecretTests {
    private func send(_ json: String, to gateway: GatewayUnderTest, path: String = "/v1/chat/completions") async throws
        -> TestConnection.Response
    {
        try await TestConnection.open(port: gateway.port) { client in
            try await client.send(
                "POST \(path) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(key)\r\n"
                    + "Content-Length: \(json.utf8.count)\r\n\r\n\(json)"
            )
            return try await client.response()
        }
    }

    private func chat(_ more: String = "") -> String {
        #"{"model":"qwen-plus","messages":[{"role":"user","content":"\#(prompt)"}]\#(more)}"#
    }

    @Test func nothingSecretIsRecorded() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "requests-\(UUID().uuidString).log")
        defer { try? FileManager.default.removeItem(at: file) }
        let log = try LogWriter(path: file.path)
        let upstream = ScriptedUpstream { request, writer in
            if request.headers.contains(name: "x-dashscope-sse") {
                try await writer.startEvents()
                try await writer.event(answer)
                return await writer.abort()
            }
            if String(buffer: request.body).contains("refuse") {
                return try await writer.json(
                    400,
                    #"{"code":"InvalidParameter","message":"Range of max_tokens should be [1, 5]","request_id":"up-1"}"#
                )
            }
            try await writer.answer(answer)
        }
        var errors: [String] = []
        try await GatewayUnderTest.run(upstream: upstream, log: log) { gateway in
            let good = try await send(chat(), to: gateway)
            #expect(good.status == 200)
            #expect(good.body.contains(answer))
            _ = try await send(chat(#","stream":true"#), to: gateway)
            for request in [
                chat(#","user_defined":"refuse""#), chat(#","temperature":9"#), "{\"\(prompt)", "[\"\(prompt)\"]",
            ] {
                let response = try await send(request, to: gateway)
                #expect(response.status == 400)
                errors.append(response.body)
            }
            errors.append(try await send(chat(), to: gateway, path: "/v1/nothing").body)
        }
        log.flush()
        let records = try String(decoding: Data(contentsOf: file), as: UTF8.self)
        #expect(records.split(separator: "\n").count == 7)
        for text in errors + [records] {
            #expect(!text.contains(key))
            #expect(!text.contains(prompt))
            #expect(!text.contains(answer))
        }
        #expect(records.contains("\"model\":\"qwen-plus\""))
        #expect(records.contains("\"input_tokens\":4"))
        #expect(records.contains("\"upstream_request_id\":\"up-1\""))
        #expect(records.contains("\"error_code\":\"upstream_closed\""))
    }
}
