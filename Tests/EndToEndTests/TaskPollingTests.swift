import DashScopeEmulator
import Foundation
import HTTPServing
import NIOCore
import Testing

@testable import Gateway

/// Many tasks at once: how often DashScope is asked for them.
@Suite(.timeLimit(.minutes(15)))
struct TaskPollingTests {
    private func counts(_ gateway: GatewayUnderTest) async throws -> [String: Int] {
        try await TestConnection.open(port: gateway.upstream.port) { upstream in
            try await upstream.ask("GET", "/__emulator/tasks")
            let body = try await upstream.response().body
            return try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Int])
        }
    }

    /// Three tasks for each request that waits for them, and ten others for which clients ask.
    ///
    /// A thousand with `TASK_REQUESTS=330`, which hold up what runs beside them in the same process.
    ///
    /// A query may be late but never early: at the end there cannot have been more than turns since the beginning.
    @Test func manyTasksAreAskedForOneByOne() async throws {
        let requests = ProcessInfo.processInfo.environment["TASK_REQUESTS"].flatMap { Int($0) } ?? 40
        let perSecond = requests > 100 ? 300 : 60
        try await GatewayUnderTest.run(
            upstream: DashScopeEmulator(),
            configure: {
                $0.tasks.limits.firstPoll = .milliseconds(1)
                $0.tasks.limits.maximumInterval = .milliseconds(5)
                $0.tasks.pollsPerSecond = perSecond
                // Clients that ask without a pause wait for a query each time.
                $0.tasks.answerAge = .zero
                $0.upstream.parallelCalls = 10
            }
        ) { gateway in
            let start = ContinuousClock.now
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<requests {
                    group.addTask {
                        let response = try await TestConnection.open(port: gateway.port) { client in
                            try await client.sendJSON(
                                #"{"model":"wanx2.1-t2i-turbo","prompt":"a cat","n":10}"#,
                                to: "/v1/images/generations"
                            )
                            return try await client.response()
                        }
                        #expect(response.status == 200, "\(response.body)")
                        let document =
                            try JSONSerialization.jsonObject(with: Data(response.body.utf8)) as? [String: Any]
                        #expect((document?["data"] as? [Any])?.count == 10)
                    }
                }
                for _ in 0..<10 {
                    group.addTask { try await watchVideo(gateway, clients: 4) }
                }
                group.addTask {
                    for _ in 0..<20 {
                        let chat = try await TestConnection.open(port: gateway.port) { client in
                            try await client.sendChat(
                                #"{"model":"qwen-plus","messages":[{"role":"user","content":"hi"}]}"#
                            )
                            return try await client.response()
                        }
                        #expect(chat.status == 200)
                    }
                }
                try await group.waitForAll()
            }
            let counts = try await counts(gateway)
            let queries = try #require(counts["queries"])
            let elapsed = (ContinuousClock.now - start) / .seconds(1)
            #expect(queries >= 2 * (3 * requests + 10), "\(counts)")
            #expect(Double(queries) <= Double(perSecond) * elapsed + 1, "\(counts) in \(elapsed) s")
            #expect(counts["tasks"] == 3 * requests + 10, "\(counts)")
        }
    }

    /// A hundred and fifty tasks have taken turns for minutes ahead, and then nobody waits for them any more.
    @Test func callsThatLeaveGiveTheirTurnsBack() async throws {
        try await GatewayUnderTest.run(
            upstream: DashScopeEmulator(),
            configure: {
                $0.tasks.limits.firstPoll = .milliseconds(1)
                $0.tasks.limits.total = .seconds(120)
                $0.tasks.pollsPerSecond = 1
            }
        ) { gateway in
            let request = #"{"model":"wanx2.1-t2i-turbo","prompt":"a cat","n":"#
            func leave(_ count: Int) async throws {
                guard count > 0 else {
                    while try await counts(gateway)["tasks"] ?? 0 < 150 {}
                    return
                }
                try await TestConnection.open(port: gateway.port) { client in
                    try await client.sendJSON(request + "10}", to: "/v1/images/generations")
                    try await leave(count - 1)
                }
            }
            try await leave(50)
            try await eventually { gateway.service.openRequestCount == 0 }
            let response = try await TestConnection.open(port: gateway.port) { client in
                try await client.sendJSON(request + "1}", to: "/v1/images/generations")
                return try await client.response()
            }
            #expect(response.status == 200, "\(response.body)")
        }
    }

    /// Makes a video, for which several clients ask until it is there.
    private func watchVideo(_ gateway: GatewayUnderTest, clients: Int) async throws {
        func ask(_ method: String, _ path: String, _ json: String? = nil) async throws -> [String: Any] {
            try await TestConnection.open(port: gateway.port) { client in
                if let json { try await client.sendJSON(json, to: path) } else { try await client.ask(method, path) }
                let response = try await client.response()
                #expect(response.status == 200, "\(response.body)")
                return try JSONSerialization.jsonObject(with: Data(response.body.utf8)) as? [String: Any] ?? [:]
            }
        }
        let id = try #require(
            try await ask("POST", "/v1/videos", #"{"model":"wan2.6-t2v","prompt":"a cat"}"#)["id"] as? String
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<clients {
                group.addTask {
                    while try await ask("GET", "/v1/videos/\(id)")["status"] as? String != "completed" {}
                }
            }
            try await group.waitForAll()
        }
    }

    /// However often a video is asked for, upstream is not, while its answer is fresh.
    @Test func anAnswerIsGivenToAllWhoAsk() async throws {
        try await GatewayUnderTest.run(
            upstream: DashScopeEmulator(),
            configure: { $0.tasks.answerAge = .hours(1) }
        ) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendJSON(#"{"model":"wan2.6-t2v","prompt":"a cat"}"#, to: "/v1/videos")
                let made = try JSONSerialization.jsonObject(with: Data(try await client.response().body.utf8))
                let id = try #require((made as? [String: Any])?["id"] as? String)
                for _ in 0..<20 {
                    try await client.ask("GET", "/v1/videos/\(id)")
                    #expect(try await client.response().body.contains("in_progress"))
                }
                #expect(try await counts(gateway)["queries"] == 1)
                // Another key has an answer of its own.
                try await client.ask("GET", "/v1/videos/\(id)", key: "sk-other")
                #expect(try await client.response().status == 404)
                #expect(try await counts(gateway)["queries"] == 2)
            }
        }
    }

    /// More than can be asked in time is refused with a word on when to ask again.
    @Test func tooManyQuestionsAreRefused() async throws {
        try await GatewayUnderTest.run(
            upstream: DashScopeEmulator(),
            configure: {
                $0.tasks.pollsPerSecond = 1
                $0.tasks.clientWait = .milliseconds(1)
            }
        ) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                func ask() async throws -> TestConnection.Response {
                    try await client.ask("GET", "/v1/videos/video_\(UUID().uuidString.lowercased())")
                    return try await client.response()
                }
                var answers: [TestConnection.Response] = []
                while answers.last?.status != 429 { answers.append(try await ask()) }
                let refused = try #require(answers.last)
                #expect(refused.header("retry-after") == "1")
                #expect(refused.body.contains("rate_limit_exceeded"))
                #expect(answers.first?.status == 404)
            }
        }
    }
}
