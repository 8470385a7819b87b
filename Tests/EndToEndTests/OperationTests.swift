import AdmissionControl
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

private let request = #"{"model":"qwen-plus","messages":[{"role":"user","content":"hi"}]}"#
private let streamed = #"{"model":"qwen-plus","stream":true,"messages":[{"role":"user","content":"hi"}]}"#

/// A folder of the test's own.
private func withFolder<Result>(_ body: (URL) async throws -> Result) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "gateway-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
}

private func get(_ path: String, port: Int, headers: String = "") async throws -> TestConnection.Response {
    try await TestConnection.open(port: port) { client in
        try await client.send("GET \(path) HTTP/1.1\r\nHost: x\r\n\(headers)\r\n")
        return try await client.response()
    }
}

private func chat(_ body: String, port: Int, headers: String = "") async throws -> TestConnection.Response {
    try await TestConnection.open(port: port) { client in
        try await client.sendChat(body, headers: headers)
        return try await client.response()
    }
}

@Suite(.timeLimit(.minutes(15)))
struct OperationTests {
    // MARK: - Reload

    @Test func aReloadAppliesToTheNextRequestAndDropsNone() async throws {
        let release = Signal()
        let started = Signal()
        let upstream = ScriptedUpstream { request, writer in
            guard request.headers.contains(name: "x-dashscope-sse") else { return try await writer.answer("ok") }
            try await writer.startEvents()
            try await writer.event("one")
            started.fire()
            await release.wait()
            try await writer.event("two", finish: "stop", id: 2)
            try await writer.finish()
        }
        try await withFolder { folder in
            let file = folder.appending(path: "gateway.yaml")
            let catalog = folder.appending(path: "catalog.json")
            try Data(#"{"aliases":{"gpt-4o":"qwen-plus"}}"#.utf8).write(to: catalog)
            try Data("server:\n  backlog: 512\n".utf8).write(to: file)
            let setup = GatewaySetup(ConfigurationSources(file: file.path))
            try await GatewayUnderTest.run(upstream: upstream, setup: setup) {
                (gateway: GatewayUnderTest) async throws in
                #expect(try await chat(request, port: gateway.port).status == 200)
                try await TestConnection.open(port: gateway.port) { stream in
                    try await stream.sendChat(streamed)
                    _ = try await stream.head()
                    _ = try await stream.read(until: "one")
                    await started.wait()
                    let changed = """
                        server:
                          backlog: 99
                        access:
                          deny: [127.0.0.1]
                        catalog:
                          file: \(catalog.path)
                        """
                    try Data(changed.utf8).write(to: file)
                    await gateway.service.reload()
                    #expect(try await chat(request, port: gateway.port).status == 403)
                    // The stream that was under way goes on under its own settings.
                    release.fire()
                    let rest = try await stream.read(until: "[DONE]")
                    #expect(rest.contains("two"))
                }
                try Data("catalog:\n  file: \(catalog.path)\n".utf8).write(to: file)
                await gateway.service.reload()
                let aliased = try await chat(request.replacing("qwen-plus", with: "gpt-4o"), port: gateway.port)
                #expect(aliased.status == 200)
                #expect(aliased.body.contains("\"gpt-4o\""))
                #expect(String(buffer: try #require(upstream.requests.last?.body)).contains("\"qwen-plus\""))
            }
        }
    }

    @Test func aBrokenFileChangesNothingAndSaysWhy() async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.answer("ok") }
        try await withFolder { folder in
            let file = folder.appending(path: "gateway.yaml")
            let log = folder.appending(path: "log")
            try Data("cors:\n  origins: [https://a.example]\n".utf8).write(to: file)
            let writer = try LogWriter(path: log.path)
            let logger = Logger(label: "test") { _ in LineLogHandler(writer: writer, level: .info) }
            try await GatewayUnderTest.run(
                upstream: upstream,
                setup: GatewaySetup(ConfigurationSources(file: file.path)),
                logger: logger
            ) { (gateway: GatewayUnderTest) async throws in
                try Data("cors:\n  origins: [https://b.example]\nserver:\n  workers: many\n".utf8).write(to: file)
                await gateway.service.reload()
                let answer = try await chat(request, port: gateway.port, headers: "Origin: https://a.example\r\n")
                #expect(answer.header("access-control-allow-origin") == "https://a.example")
                let metrics = try await get("/metrics", port: gateway.port)
                #expect(metrics.body.contains("gateway_config_reloads_total{result=\"failure\"} 1"))
                try Data("server:\n  workers: 3\n".utf8).write(to: file)
                await gateway.service.reload()
                #expect(
                    try await get("/metrics", port: gateway.port).body
                        .contains("gateway_config_reloads_total{result=\"success\"} 1")
                )
            }
            writer.flush()
            let lines = try String(contentsOf: log, encoding: .utf8)
            #expect(lines.contains("server.workers: must be a whole number"))
            #expect(lines.contains("settings that wait for a restart") && lines.contains("\"server.workers\""))
        }
    }

    @Test func theLogFileIsOpenedAnew() async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.answer("ok") }
        try await withFolder { folder in
            let log = folder.appending(path: "log")
            let old = folder.appending(path: "log.1")
            let writer = try LogWriter(path: log.path)
            try await GatewayUnderTest.run(upstream: upstream, log: writer) {
                (gateway: GatewayUnderTest) async throws in
                #expect(try await chat(request, port: gateway.port).status == 200)
                try FileManager.default.moveItem(at: log, to: old)
                await gateway.service.reload()
                #expect(try await chat(request, port: gateway.port).status == 200)
            }
            #expect(try String(contentsOf: old, encoding: .utf8).split(separator: "\n").count == 1)
            #expect(try String(contentsOf: log, encoding: .utf8).split(separator: "\n").count == 1)
        }
    }

    // MARK: - Life-cycle

    @Test func whileItDrainsItIsAliveButNotReady() async throws {
        let release = Signal()
        let started = Signal()
        let upstream = ScriptedUpstream { _, writer in
            try await writer.startEvents()
            try await writer.event("one")
            started.fire()
            await release.wait()
            try await writer.event("two", finish: "stop", id: 2)
            try await writer.finish()
        }
        try await GatewayUnderTest.run(upstream: upstream, configure: { $0.drain.delay = .seconds(10) }) {
            (gateway: GatewayUnderTest) async throws in
            #expect(try await get("/ready", port: gateway.port).status == 200)
            try await TestConnection.open(port: gateway.port) { stream in
                try await stream.sendChat(streamed)
                await started.wait()
                async let stopped: Void = gateway.service.stop()
                try await eventually { gateway.service.phase.current == .draining }
                let ready = try await get("/ready", port: gateway.port)
                #expect(ready.status == 503)
                #expect(ready.body.contains("\"draining\""))
                #expect(try await get("/health", port: gateway.port).status == 200)
                release.fire()
                let response = try await stream.response()
                #expect(response.body.contains("two"))
                #expect(response.body.hasSuffix("data: [DONE]\n\n"))
                await stopped
            }
        }
    }

    @Test func whatDoesNotEndInTimeEndsWithAnErrorEvent() async throws {
        let upstream = ScriptedUpstream { _, writer in
            try await writer.startEvents()
            try await writer.event("one")
            await Signal().wait()
        }
        try await GatewayUnderTest.run(upstream: upstream, configure: { $0.drain.timeout = .milliseconds(50) }) {
            (gateway: GatewayUnderTest) async throws in
            try await TestConnection.open(port: gateway.port) { stream in
                try await stream.sendChat(streamed)
                _ = try await stream.head()
                _ = try await stream.read(until: "one")
                async let stopped: Void = gateway.service.stop()
                let rest = try await stream.read(until: "shutting_down")
                #expect(!rest.contains("[DONE]"))
                await stopped
            }
        }
    }

    /// A drain of half a minute before which the listeners stay open, too: a second signal waits for neither.
    @Test func aDrainThatIsCutShortEndsEveryStreamWithEventAndRecord() async throws {
        let upstream = ScriptedUpstream { _, writer in
            try await writer.startEvents()
            try await writer.event("one")
            await Signal().wait()
        }
        try await withFolder { folder in
            let file = folder.appending(path: "log").path
            let log = try LogWriter(path: file)
            try await GatewayUnderTest.run(
                upstream: upstream,
                configure: {
                    $0.drain.delay = .minutes(10)
                    $0.drain.timeout = .minutes(10)
                },
                log: log
            ) { (gateway: GatewayUnderTest) async throws in
                try await TestConnection.open(port: gateway.port) { stream in
                    try await stream.sendChat(streamed)
                    _ = try await stream.head()
                    _ = try await stream.read(until: "one")
                    async let stopped: Void = gateway.service.stop()
                    try await eventually { gateway.service.phase.current == .draining }
                    await gateway.service.cutDrainShort()
                    let rest = try await stream.read(until: "shutting_down")
                    #expect(!rest.contains("[DONE]"))
                    await stopped
                }
            }
            log.flush()
            let records = try String(contentsOfFile: file, encoding: .utf8)
            #expect(records.contains("\"error_code\":\"shutting_down\""))
        }
    }

    // MARK: - Listeners

    @Test func anAdminListenerTakesMetricsOffThePublicOne() async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.answer("ok") }
        try await withFolder { folder in
            let socket = folder.appending(path: "s").path
            try await GatewayUnderTest.run(
                upstream: upstream,
                configure: { $0.admin.listen = "unix:\(socket)" }
            ) { (gateway: GatewayUnderTest) async throws in
                #expect(try await get("/metrics", port: gateway.port).status == 404)
                #expect(try await get("/ready", port: gateway.port).status == 404)
                #expect(try await get("/health", port: gateway.port).status == 200)
                let probe = await HealthProbe(target: .unixSocket(path: socket), path: "/metrics").run()
                #expect(probe.isHealthy)
                #expect(await !HealthProbe(target: .unixSocket(path: socket), path: "/v1/models").run().isHealthy)
            }
            #expect(!FileManager.default.fileExists(atPath: socket))
        }
    }

    // MARK: - Seeing

    @Test func metricsTellWhatHappened() async throws {
        let upstream = ScriptedUpstream { request, writer in
            if String(buffer: request.body).contains("broken") {
                return try await writer.json(
                    400,
                    #"{"code":"DataInspectionFailed","message":"no","request_id":"up-1"}"#
                )
            }
            try await writer.answer("ok")
        }
        try await GatewayUnderTest.run(upstream: upstream) { (gateway: GatewayUnderTest) async throws in
            #expect(try await chat(request, port: gateway.port).status == 200)
            #expect(try await chat(request.replacing("hi", with: "broken"), port: gateway.port).status == 400)
            let adjusted = request.replacing("\"messages\"", with: "\"top_p\":0,\"messages\"")
            #expect(try await chat(adjusted, port: gateway.port).status == 200)
            #expect(try await get("/v1/models", port: gateway.port).status == 401)
            let metrics = try await get("/metrics", port: gateway.port)
            #expect(metrics.header("content-type") == "text/plain; version=0.0.4; charset=utf-8")
            for line in [
                #"gateway_http_requests_total{code="200",method="POST",route="/v1/chat/completions"} 2"#,
                #"gateway_http_requests_total{code="400",method="POST",route="/v1/chat/completions"} 1"#,
                #"gateway_http_requests_total{code="401",method="GET",route="/v1/models"} 1"#,
                #"gateway_errors_total{code="content_filter",origin="upstream"} 1"#,
                #"gateway_errors_total{code="missing_api_key",origin="client"} 1"#,
                #"gateway_adjustments_total{name="top_p"} 1"#,
                #"gateway_tokens_total{model="qwen-plus",type="input"} 8"#,
                #"gateway_tokens_total{model="qwen-plus",type="output"} 10"#,
                #"gateway_upstream_requests_total{code="200",operation="text-generation"} 2"#,
                #"gateway_upstream_requests_total{code="400",operation="text-generation"} 1"#,
                "gateway_http_requests_in_flight 1", "gateway_open_connections 1",
            ] {
                #expect(metrics.body.contains(line + "\n"), "\(line)")
            }
            let open = try await get(
                "/metrics",
                port: gateway.port,
                headers: "Accept: application/openmetrics-text\r\n"
            )
            #expect(open.header("content-type")?.hasPrefix("application/openmetrics-text") == true)
            #expect(open.body.hasSuffix("# EOF\n"))
        }
    }

    @Test func aScrapeFindsEveryAnswerThatWasSeen() async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.answer("ok") }
        try await GatewayUnderTest.run(upstream: upstream, workers: 4) { (gateway: GatewayUnderTest) async throws in
            // Each on a connection of its own, so that answers and scrapes are on different loops.
            for number in 1...40 {
                #expect(try await chat(request, port: gateway.port).status == 200)
                let line = #"gateway_http_requests_total{code="200",method="POST",route="/v1/chat/completions"} "#
                #expect(try await get("/metrics", port: gateway.port).body.contains("\(line)\(number)\n"))
            }
        }
    }

    @Test func invalidTracesAreReplacedAndValidOnesContinued() async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.answer("ok") }
        try await withFolder { folder in
            let log = folder.appending(path: "log")
            let writer = try LogWriter(path: log.path)
            let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
            try await GatewayUnderTest.run(upstream: upstream, log: writer) {
                (gateway: GatewayUnderTest) async throws in
                let headers = "traceparent: 00-\(trace)-00f067aa0ba902b7-01\r\ntracestate: vendor=1\r\n"
                #expect(try await chat(request, port: gateway.port, headers: headers).status == 200)
                #expect(try await chat(request, port: gateway.port, headers: "traceparent: nonsense\r\n").status == 200)
                #expect(try await chat(request, port: gateway.port).status == 200)
            }
            let sent = upstream.requests.map { $0.headers.first(name: "traceparent") }
            #expect(sent[0]?.hasPrefix("00-\(trace)-") == true)
            #expect(sent[0]?.contains("00f067aa0ba902b7") == false)
            #expect(upstream.requests[0].headers.first(name: "tracestate") == "vendor=1")
            #expect(sent[1]?.hasPrefix("00-") == true && sent[1]?.contains("nonsense") == false)
            // Nothing is invented for a client that has no trace.
            #expect(sent[2] == nil)
            let lines = try String(contentsOf: log, encoding: .utf8).split(separator: "\n")
            #expect(lines[0].contains("\"trace_id\":\"\(trace)\""))
            #expect(!lines[2].contains("trace_id"))
        }
    }

    @Test func aRecordTellsWhoAskedWithoutTellingTheKey() async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.answer("ok") }
        try await withFolder { folder in
            let log = folder.appending(path: "log")
            let writer = try LogWriter(path: log.path)
            try await GatewayUnderTest.run(
                upstream: upstream,
                configure: {
                    $0.callers.hashKey = "a secret of the operator"
                    $0.server.trustedProxies = ["127.0.0.1"]
                },
                log: writer
            ) { (gateway: GatewayUnderTest) async throws in
                #expect(
                    try await chat(request, port: gateway.port, headers: "X-Forwarded-For: 203.0.113.9\r\n").status
                        == 200
                )
                #expect(try await get("/health", port: gateway.port).status == 200)
            }
            let lines = try String(contentsOf: log, encoding: .utf8).split(separator: "\n")
            #expect(lines.count == 1)
            let line = try #require(lines.first)
            #expect(line.contains("\"client_ip\":\"203.0.113.9\""))
            let key = try #require(line.firstMatch(of: /"key_id":"([0-9a-f]{16})"/))
            #expect(
                try KeyedHash(secret: "a secret of the operator").callerID(of: "sk-test").description == String(key.1)
            )
            #expect(!line.contains("sk-test"))
        }
    }
}
