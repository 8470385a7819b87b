import DashScopeEmulator
import HTTPServing
import Logging
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
@Suite(.timeLimit(.minutes(15)))
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

    /// A key need not look like one, may stand where a model should, and may be cut in two.
    @Test(arguments: [false, true]) func theKeysOfACallAreTakenOutByTheirValue(asModel: Bool) async throws {
        let own = "own:key/of.a-caller+5f1e"
        let server = "server~key(no)look"
        let file = FileManager.default.temporaryDirectory.appending(path: "requests-\(UUID().uuidString).log")
        defer { try? FileManager.default.removeItem(at: file) }
        let log = try LogWriter(path: file.path)
        let filler = String(repeating: "x", count: 1010)
        let upstream = ScriptedUpstream { request, writer in
            let isCut = String(buffer: request.body).contains("cut")
            let words = isCut ? filler + own : "key \(own) or \(server) or sk-abcdefghij is not right, \(own)"
            let error = #"{"code":"InvalidParameter","message":"\#(words)","request_id":"\#(own)"}"#
            guard request.headers.contains(name: "x-dashscope-sse") else { return try await writer.json(400, error) }
            try await writer.startEvents()
            if String(buffer: request.body).contains("later") { try await writer.event("one") }
            try await writer.write(ByteBuffer(string: "event:error\n:HTTP_STATUS/400\ndata:\(error)\n\n"))
            try await writer.finish()
        }
        var seen = ""
        try await GatewayUnderTest.run(
            upstream: upstream,
            configure: {
                $0.callers.mayOmitKey = true
                $0.upstream.key = server
            },
            log: log
        ) { gateway in
            let model = asModel ? own : "qwen-plus"
            for more in ["", #","stream":true"#, #","stream":true,"user":"later""#, #","user":"cut""#] {
                let json = #"{"model":"\#(model)","messages":[{"role":"user","content":"hi"}]\#(more)}"#
                try await TestConnection.open(port: gateway.port) { client in
                    try await client.send(
                        "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(own)\r\n"
                            + "Content-Length: \(json.utf8.count)\r\n\r\n\(json)"
                    )
                    let response = try await client.response()
                    #expect(response.body.contains("***"))
                    // A chunk repeats the model that its own client named.
                    seen += response.body.replacing("\"model\":\"\(own)\"", with: "")
                    seen += response.header("x-request-id") ?? ""
                }
            }
        }
        log.flush()
        seen += try String(contentsOf: file, encoding: .utf8)
        for secret in [own, server, "sk-abcdefghij", String(own.prefix(14))] { #expect(!seen.contains(secret)) }
    }

    /// Upstream's words about a failed task are kept, and shown for as long as the video is.
    @Test func noKeyStandsInAVideo() async throws {
        let own = "own:key/of.a-caller+5f1e"
        let file = FileManager.default.temporaryDirectory.appending(path: "requests-\(UUID().uuidString).log")
        defer { try? FileManager.default.removeItem(at: file) }
        let log = try LogWriter(path: file.path)
        let upstream = ScriptedUpstream { request, writer in
            let status = request.method == "GET" ? "FAILED" : "PENDING"
            let output =
                #""task_id":"t-1","task_status":"\#(status)","code":"InvalidParameter","message":"key \#(own)""#
            try await writer.json(200, #"{"output":{\#(output)},"request_id":"up-1"}"#)
        }
        var seen = ""
        try await GatewayUnderTest.run(upstream: upstream, log: log) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                let json = #"{"model":"wan2.6-t2v","prompt":"\#(prompt)"}"#
                try await client.sendJSON(json, to: "/v1/videos", key: own)
                #expect(try await client.response().body.contains(prompt))
                for path in ["/v1/videos/video_t-1", "/v1/videos/video_t-1", "/v1/video/generations/t-1", "/v1/videos"]
                {
                    try await client.ask("GET", path, key: own)
                    let response = try await client.response()
                    #expect(response.body.contains("***"), "\(path)")
                    seen += response.body
                }
                try await client.send(
                    "POST /v1/videos HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(own)\r\nx-dashscope-task-id: t-1\r\n"
                        + "Content-Length: \(json.utf8.count)\r\n\r\n\(json)"
                )
                seen += try await client.response().body
            }
        }
        log.flush()
        let records = try String(contentsOf: file, encoding: .utf8)
        #expect(!(seen + records).contains(own))
        #expect(!records.contains(prompt))
    }

    /// Every endpoint and every failure of upstream, at the most talkative level, in both formats.
    @Test(arguments: LogFormat.allCases) func nothingSecretIsWrittenWhateverFails(format: LogFormat) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "gateway-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "gateway.yaml")
        let logFile = folder.appending(path: "log")
        let serverKey = "sk-marked-server-key"
        try Data("upstream:\n  key: \(serverKey)\ncallers:\n  mayOmitKey: true\n".utf8).write(to: file)
        let log = try LogWriter(path: logFile.path, format: format)
        let logger = Logger(label: "test") { _ in LineLogHandler(writer: log, level: .trace) }
        var metrics = ""
        try await GatewayUnderTest.run(
            upstream: DashScopeEmulator(),
            setup: GatewaySetup(ConfigurationSources(file: file.path)),
            configure: {
                $0.log.healthChecks = true
                $0.log.level = "trace"
                $0.limits.caller.requestsPerMinute = 1000
            },
            log: log,
            logger: logger
        ) { gateway in
            for fault in Self.faults {
                for more in ["", #","stream":true"#] {
                    let request = chat(more).replacing("qwen-plus", with: "qwen-plus-emulator-\(fault)")
                    _ = try? await send(request, to: gateway)
                }
            }
            let head = "Host: x\r\nAuthorization: Bearer \(key)\r\n\r\n"
            for request in [
                "GET / HTTP/1.1\r\n", "GET /docs HTTP/1.1\r\n", "GET /health HTTP/1.1\r\n", "GET /ready HTTP/1.1\r\n",
                "GET /v1/models HTTP/1.1\r\n", "GET /v1/models/\(key) HTTP/1.1\r\n", "GET /\(key) HTTP/1.1\r\n",
                "GET /?key=\(key) HTTP/1.1\r\n", "DELETE /v1/models HTTP/1.1\r\n", "\(key) / HTTP/1.1\r\n",
                "OPTIONS /v1/chat/completions HTTP/1.1\r\nOrigin: https://\(key)\r\n",
                "GET /v1/models HTTP/1.1\r\ntraceparent: \(key)\r\nX-Forwarded-For: \(key)\r\n",
            ] {
                _ = try? await TestConnection.open(port: gateway.port) { client in
                    try await client.send(request + head)
                    return try await client.response()
                }
            }
            // The server's own key stands in; a broken file with secrets in it is refused.
            _ = try await TestConnection.open(port: gateway.port) { client in
                try await client.send("GET /v1/models HTTP/1.1\r\nHost: x\r\n\r\n")
                return try await client.response()
            }
            try Data("upstream:\n  key: [\(serverKey), 1]\n  \(serverKey)2: 1\n".utf8).write(to: file)
            await gateway.service.reload()
            metrics = try await TestConnection.open(port: gateway.port) { client in
                try await client.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
                return try await client.response().body
            }
        }
        log.flush()
        let lines = try String(contentsOf: logFile, encoding: .utf8)
        #expect(lines.split(separator: "\n").count > 2 * Self.faults.count)
        for text in [lines, metrics] {
            for secret in [key, prompt, serverKey + "\"", serverKey + " ", serverKey + ","] {
                #expect(!text.contains(secret), "\(secret)")
            }
        }
        for entry in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            #expect(["gateway.yaml", "log"].contains(entry))
        }
    }

    private static let faults = [
        "throttled", "throttled-tokens", "arrearage", "moderated", "500", "503", "context-too-long", "unknown-model",
        "access-denied", "url-error", "moderates-mid-stream", "200-code", "refuses-first-event", "refuses-sse-400",
        "breaks-mid-stream", "ends-early", "html-502", "empty-500", "wrong-path", "no-blank-lines", "crlf",
        "split-utf8",
        "usage-empty", "cumulative", "not-json", "no-content-type", "closes-unanswered", "closes-after-head",
        "code-401-InvalidApiKey", "code-400-InvalidURL",
    ]
}
