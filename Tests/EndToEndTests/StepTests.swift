import DashScopeEmulator
import Foundation
import Logging
import NIOCore
import Telemetry
import Testing

@testable import Gateway

private let key = "sk-marked-key-5f1e"
private let prompt = "marked prompt 77aa"

/// At level `debug` the log tells what happens to a request step by step, and nothing of what is in it.
@Suite(.timeLimit(.minutes(15)))
struct StepTests {
    /// A line of the log.
    private struct Step {
        var message: String
        var level: String
        var facts: [String: String]

        init(_ line: Substring) throws {
            let read = try JSONSerialization.jsonObject(with: Data(line.utf8))
            let members = try #require(read as? [String: Any])
            message = members["message"] as? String ?? ""
            level = members["level"] as? String ?? ""
            facts = members.mapValues { "\($0)" }
        }
    }

    /// The lines that `requests`, each a head without the key and a body, lead to, and the answers.
    private func steps(
        of requests: [(path: String, type: String, body: String)],
        level: String = "debug"
    ) async throws -> (steps: [Step], text: String, answers: [TestConnection.Response]) {
        let file = FileManager.default.temporaryDirectory.appending(path: "steps-\(UUID().uuidString).log")
        defer { try? FileManager.default.removeItem(at: file) }
        let log = try LogWriter(path: file.path)
        let threshold = LogThreshold(level == "debug" ? .debug : .info)
        let logger = Logger(label: "test") { _ in LineLogHandler(writer: log, threshold: threshold) }
        var answers: [TestConnection.Response] = []
        try await GatewayUnderTest.run(
            upstream: DashScopeEmulator(),
            workers: 1,
            configure: {
                $0.log.level = level
                $0.tasks.limits.firstPoll = .milliseconds(1)
                $0.tasks.limits.maximumInterval = .milliseconds(5)
                $0.tasks.pollsPerSecond = 10_000
            },
            log: log,
            logger: logger
        ) { gateway in
            for request in requests {
                answers.append(
                    try await TestConnection.open(port: gateway.port) { client in
                        try await client.send(
                            "POST \(request.path) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(key)\r\nContent-Type: "
                                + "\(request.type)\r\nContent-Length: \(request.body.utf8.count)\r\n\r\n\(request.body)"
                        )
                        return try await client.response()
                    }
                )
            }
        }
        log.flush()
        let text = try String(contentsOf: file, encoding: .utf8)
        return (try text.split(separator: "\n").map(Step.init), text, answers)
    }

    private func chat(_ model: String, _ more: String = "") -> (String, String, String) {
        (
            "/v1/chat/completions", "application/json",
            #"{"model":"\#(model)","messages":[{"role":"user","content":"\#(prompt)"}]\#(more)}"#
        )
    }

    @Test func aChatIsToldStepByStep() async throws {
        let told = try await steps(of: [
            chat("qwen-plus", #","stream":true,"temperature":2"#), chat("qwen-plus-emulator-first-1-throttled"),
        ])
        #expect(told.answers.map(\.status) == [200, 200])
        let steps = told.steps.filter { $0.level == "debug" }
        let ids = steps.compactMap { $0.facts["request_id"] }
        #expect(ids.count == steps.count)
        let first = steps.filter { $0.facts["request_id"] == ids.first }
        #expect(
            first.map(\.message) == [
                "request routed", "limits passed", "request translated", "call sent", "upstream answers", "first event",
                "request ended",
            ]
        )
        #expect(first[0].facts["route"] == "/v1/chat/completions")
        #expect(first[2].facts["model"] == "qwen-plus")
        #expect(first[2].facts["adjustments"] == "temperature")
        #expect(first[3].facts["connection"] == "awaited")
        #expect(first[4].facts["connection"] == "opened")
        #expect(first[4].facts["status"] == "200")
        #expect(first[6].facts["status"] == "200")
        let second = steps.filter { $0.facts["request_id"] == ids.last }
        #expect(
            second.map(\.message) == [
                "request routed", "limits passed", "request translated", "call sent", "upstream answers",
                "call is repeated", "call sent", "upstream answers", "request ended",
            ]
        )
        // The first call's connection may not be back yet.
        #expect(["reused", "awaited"].contains(second[3].facts["connection"]))
        #expect(second[5].facts["error_code"] == "rate_limit_exceeded")
        #expect(second[6].facts["attempt"] == "2")
        #expect(second[8].facts["attempts"] == "2")
    }

    @Test func uploadsAndTasksAreToldStepByStep() async throws {
        let form =
            "--b0\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nparaformer-v2\r\n"
            + "--b0\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\(prompt).wav\"\r\n"
            + "Content-Type: audio/wav\r\n\r\nRIFF\r\n--b0--\r\n"
        let told = try await steps(of: [
            ("/v1/audio/transcriptions", "multipart/form-data; boundary=b0", form),
            (
                "/v1/images/generations", "application/json",
                #"{"model":"wan2.2-t2i-flash","prompt":"\#(prompt)","response_format":"b64_json"}"#
            ),
        ])
        #expect(told.answers.map(\.status) == [200, 200])
        let steps = told.steps.filter { $0.level == "debug" }
        let ids = steps.compactMap { $0.facts["request_id"] }
        let task = [
            "request translated", "call sent", "upstream answers", "task submitted", "task asked for", "task asked for",
            "file fetched", "request ended",
        ]
        #expect(
            steps.filter { $0.facts["request_id"] == ids.first }.map(\.message)
                == ["request routed", "limits passed", "upload asked for", "upload permitted", "upload ended"] + task
        )
        #expect(
            steps.filter { $0.facts["request_id"] == ids.last }.map(\.message)
                == ["request routed", "limits passed"] + task
        )
        #expect(steps.first { $0.message == "upload ended" }?.facts["bytes"] == "4")
        for secret in [key, prompt] { #expect(!told.text.contains(secret)) }
    }

    @Test func nothingOfARequestIsTold() async throws {
        let faults = ["throttled", "moderated", "context-too-long", "breaks-mid-stream", "url-error", "wrong-path"]
        var requests = faults.flatMap {
            [chat("qwen-plus-emulator-\($0)"), chat("qwen-plus-emulator-\($0)", #","stream":true"#)]
        }
        requests += [
            chat(key), chat("qwen-plus", #","temperature":"\#(prompt)""#), chat("qwen-plus", #","\#(prompt)":1"#),
            // Upstream's code holds the key.
            (
                "/v1/embeddings", "application/json",
                #"{"model":"text-embedding-v4-emulator-code-400-\#(key)","input":"\#(prompt)"}"#
            ),
        ]
        let told = try await steps(of: requests)
        for secret in [key, prompt, "Echo"] { #expect(!told.text.contains(secret)) }
        let messages = Set(told.steps.map(\.message))
        #expect(messages.isSuperset(of: ["call failed", "call is repeated", "call goes to the other path"]))
    }

    @Test func otherLevelsTellNoSteps() async throws {
        let told = try await steps(of: [chat("qwen-plus")], level: "info")
        #expect(!told.steps.isEmpty)
        #expect(!told.steps.contains { $0.level == "debug" })
    }
}
