import Logging
import Telemetry
import Testing

@testable import Gateway

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What an operator meets after the first day: fewer records, new keys, older programs.
struct DayTwoTests {
    private func withFolder<Result>(_ body: (URL) async throws -> Result) async throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(path: "gateway-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await body(folder)
    }

    private func chat(_ model: String, port: Int) async throws -> TestConnection.Response {
        try await TestConnection.open(port: port) { client in
            try await client.sendChat(#"{"model":"\#(model)","messages":[{"role":"user","content":"hi"}]}"#)
            return try await client.response()
        }
    }

    @Test func successesAreSampledAndFailuresAreNot() async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.answer("ok") }
        try await withFolder { folder in
            let log = folder.appending(path: "log")
            let writer = try LogWriter(path: log.path)
            try await GatewayUnderTest.run(
                upstream: upstream,
                workers: 1,
                configure: { $0.log.sampling = 5 },
                log: writer
            ) { (gateway: GatewayUnderTest) async throws in
                for _ in 1...11 { #expect(try await chat("qwen-plus", port: gateway.port).status == 200) }
                for _ in 1...3 { #expect(try await chat("", port: gateway.port).status == 400) }
                let metrics = try await TestConnection.open(port: gateway.port) { client in
                    try await client.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
                    return try await client.response().body
                }
                let line = #"gateway_http_requests_total{code="200",method="POST",route="/v1/chat/completions"} "#
                #expect(metrics.contains("\(line)11\n"))
            }
            let lines = try String(contentsOf: log, encoding: .utf8).split(separator: "\n")
            #expect(lines.filter { $0.contains("\"status\":200") && $0.contains("\"sampling\":5") }.count == 3)
            #expect(lines.filter { $0.contains("\"status\":400") && !$0.contains("\"sampling\"") }.count == 3)
            #expect(lines.count == 6)
        }
    }

    /// systemd makes the copy once: a new key in its place would do nothing, in silence.
    @Test(arguments: [true, false]) func aReloadSaysThatACredentialStays(isCredential: Bool) async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.answer("ok") }
        try await withFolder { folder in
            let log = folder.appending(path: "log")
            let key = folder.appending(path: "dashscope-api-key")
            try Data("sk-of-the-server\n".utf8).write(to: key)
            let writer = try LogWriter(path: log.path)
            let logger = Logger(label: "test") { _ in LineLogHandler(writer: writer, level: .info) }
            var sources = ConfigurationSources(
                arguments: ["callers.mayOmitKey": "true"],
                environment: ["CREDENTIALS_DIRECTORY": folder.path]
            )
            if !isCredential { sources.environment["DASHSCOPE_API_KEY_FILE"] = key.path }
            try await GatewayUnderTest.run(
                upstream: upstream,
                setup: GatewaySetup(sources),
                configure: { if isCredential { $0.upstream.keyFile = key.path } },
                logger: logger
            ) { (gateway: GatewayUnderTest) async throws in
                await gateway.service.reload()
            }
            writer.flush()
            let lines = try String(contentsOf: log, encoding: .utf8).split(separator: "\n")
            let warnings = lines.filter { $0.contains("\"warning\"") && $0.contains("upstream.keyFile") }
            #expect(warnings.count == (isCredential ? 1 : 0))
            #expect(lines.contains { $0.contains("configuration reloaded") })
        }
    }

    @Test func settingsOfANewerVersionAreNamedInTheLog() async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.answer("ok") }
        try await withFolder { folder in
            let file = folder.appending(path: "gateway.yaml")
            let log = folder.appending(path: "log")
            try Data("soul:\n  weight: 21 # since 99.0\n".utf8).write(to: file)
            let writer = try LogWriter(path: log.path)
            let logger = Logger(label: "test") { _ in LineLogHandler(writer: writer, level: .info) }
            try await GatewayUnderTest.run(
                upstream: upstream,
                setup: GatewaySetup(ConfigurationSources(file: file.path)),
                logger: logger
            ) { (gateway: GatewayUnderTest) async throws in
                #expect(try await chat("qwen-plus", port: gateway.port).status == 200)
                await gateway.service.reload()
            }
            writer.flush()
            let lines = try String(contentsOf: log, encoding: .utf8).split(separator: "\n")
            let warnings = lines.filter { $0.contains("\"warning\"") && $0.contains("\"settings\":\"soul.weight\"") }
            // The test's gateway is made of settings alone; a reload reads the file.
            #expect(warnings.count == 1)
        }
    }
}
