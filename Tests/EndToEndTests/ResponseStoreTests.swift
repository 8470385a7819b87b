import Foundation
import HTTPServing
import Logging
import NIOCore
import Telemetry
import TestSupport
import Testing

@testable import Gateway
@testable import Storage

/// Responses in a store, from the client to the disk and back.
@Suite(.timeLimit(.minutes(15)))
struct ResponseStoreTests {
    private static func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    private func upstream() -> ScriptedUpstream {
        ScriptedUpstream { _, writer in try await writer.answer("an answer of upstream") }
    }

    private func with<Result>(
        _ url: String,
        upstream: ScriptedUpstream? = nil,
        maximumBytes: Int = 0,
        timeout: TimeAmount = .seconds(5),
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        _ body: (GatewayUnderTest) async throws -> Result
    ) async throws -> Result {
        try await GatewayUnderTest.run(
            upstream: upstream ?? self.upstream(),
            configure: {
                $0.store.url = url
                $0.store.maximumBytes = maximumBytes
                $0.store.timeout = timeout
            },
            logger: logger,
            body
        )
    }

    /// Asks for a response and gives its id.
    private func respond(_ gateway: GatewayUnderTest, _ more: String = "", key: String = "sk-test") async throws
        -> String
    {
        try await TestConnection.open(port: gateway.port) { client in
            try await client.sendJSON(
                #"{"model":"qwen-plus","input":"a question of the client"\#(more)}"#,
                to: "/v1/responses",
                key: key
            )
            let answer = try Self.object(try await client.response().body)
            #expect(answer["status"] as? String == "completed")
            return try #require(answer["id"] as? String)
        }
    }

    private func status(_ gateway: GatewayUnderTest, _ path: String, key: String = "sk-test") async throws -> Int {
        try await TestConnection.open(port: gateway.port) { client in
            try await client.ask("GET", path, key: key)
            return try await client.response().status
        }
    }

    @Test func responsesInAFileOutliveTheGateway() async throws {
        try await TestFolder.with { folder in
            let upstream = upstream()
            let id = try await with("sqlite:\(folder)/store.db") { gateway in
                let id = try await respond(gateway, #","store":true"#, key: "sk-the-first-key")
                _ = try await respond(
                    gateway,
                    #","store":false,"instructions":"kept nowhere""#,
                    key: "sk-the-first-key"
                )
                return id
            }
            // The question and the answer are there, the keys and what was not to be stored are not.
            #expect(try TestFolder.holds("a question of the client", in: folder))
            #expect(try !TestFolder.holds("sk-the-first-key", in: folder))
            #expect(try !TestFolder.holds("kept nowhere", in: folder))
            try await with("sqlite:\(folder)/store.db", upstream: upstream) { gateway in
                #expect(try await status(gateway, "/v1/responses/\(id)", key: "sk-the-first-key") == 200)
                #expect(try await status(gateway, "/v1/responses/\(id)", key: "sk-the-second-key") == 404)
                _ = try await respond(gateway, #","previous_response_id":"\#(id)""#, key: "sk-the-first-key")
                let sent = String(buffer: try #require(upstream.requests.last).body)
                #expect(sent.contains(#"{"role":"assistant","content":"an answer of upstream"}"#))
            }
        }
    }

    @Test func aHundredCallersFindTheirOwn() async throws {
        try await TestFolder.with { folder in
            for url in ["memory:", "sqlite:\(folder)/store.db"] {
                try await with(url) { gateway in
                    let ids = try await withThrowingTaskGroup(of: (Int, String).self) { group in
                        for caller in 0..<100 {
                            group.addTask { (caller, try await respond(gateway, key: "sk-caller-\(caller)")) }
                        }
                        return try await group.reduce(into: [Int: String]()) { $0[$1.0] = $1.1 }
                    }
                    #expect(Set(ids.values).count == 100)
                    for (caller, id) in ids {
                        #expect(try await status(gateway, "/v1/responses/\(id)", key: "sk-caller-\(caller)") == 200)
                        let other = "sk-caller-\((caller + 1) % 100)"
                        #expect(try await status(gateway, "/v1/responses/\(id)", key: other) == 404)
                    }
                }
            }
        }
    }

    @Test func aLockedFileRefusesInTimeAndLosesNoAnswer() async throws {
        try await TestFolder.with { folder in
            let log = try LogWriter(path: folder + "/gateway.log")
            let logger = Logger(label: "test") { _ in LineLogHandler(writer: log, level: .info) }
            let url = "sqlite:\(folder)/store.db"
            try await with(url, timeout: .milliseconds(100), logger: logger) { gateway in
                let other = try SQLiteDatabase(path: folder + "/store.db")
                try other.execute("BEGIN EXCLUSIVE")
                try await TestConnection.open(port: gateway.port) { client in
                    try await client.sendJSON("{}", to: "/v1/conversations")
                    let refused = try await client.response()
                    #expect(refused.status == 503)
                    #expect(refused.body.contains(#""code":"store_unavailable""#))
                }
                // The answer has been paid for: its client gets it.
                let lost = try await respond(gateway)
                try await eventually {
                    log.flush()
                    return try TestFolder.holds(
                        #""operation":"put","reason":"no answer within store.timeout""#,
                        in: folder
                    )
                }
                try other.execute("COMMIT")
                #expect(try await status(gateway, "/v1/responses/\(lost)") == 404)
                let kept = try await respond(gateway)
                #expect(try await status(gateway, "/v1/responses/\(kept)") == 200)
                #expect(try await status(gateway, "/metrics") == 200)
            }
        }
    }

    /// Nothing but the store leads to an answer that was made in the background.
    @Test func anAnswerOfTheBackgroundWaitsForTheStore() async throws {
        try await TestFolder.with { folder in
            let log = try LogWriter(path: folder + "/gateway.log")
            let logger = Logger(label: "test") { _ in LineLogHandler(writer: log, level: .info) }
            let signal = Signal()
            let upstream = ScriptedUpstream { _, writer in
                await signal.wait()
                try await writer.answer("an answer of upstream")
            }
            let url = "sqlite:\(folder)/store.db"
            try await with(url, upstream: upstream, timeout: .milliseconds(500), logger: logger) { gateway in
                let id = try await begin(gateway)
                let other = try SQLiteDatabase(path: folder + "/store.db")
                other.wait(milliseconds: 5_000)
                try other.execute("BEGIN EXCLUSIVE")
                signal.fire()
                try await eventually {
                    log.flush()
                    return try TestFolder.holds(#""operation":"put""#, in: folder)
                }
                #expect(try await document(gateway, id)["status"] as? String == "completed")
                try other.execute("COMMIT")
                try await eventually {
                    try other.integer("SELECT count(*) FROM objects WHERE runs_until IS NULL") == 1
                }
                #expect(try await document(gateway, id)["status"] as? String == "completed")
            }
        }
    }

    @Test(arguments: ["memory:", "sqlite:"]) func anAnswerOfTheBackgroundThatIsTooLargeSaysSo(url: String) async throws
    {
        try await TestFolder.with { folder in
            let url = url == "sqlite:" ? "sqlite:\(folder)/store.db" : url
            let upstream = ScriptedUpstream { _, writer in
                try await writer.answer(String(repeating: "long ", count: 4_000))
            }
            try await with(url, upstream: upstream, maximumBytes: 8192) { gateway in
                let id = try await begin(gateway)
                try await eventually { try await document(gateway, id)["status"] as? String == "failed" }
                let response = try await document(gateway, id)
                let error = try #require(response["error"] as? [String: Any])
                #expect(error["code"] as? String == "server_error")
                #expect((error["message"] as? String)?.contains("could not be stored") == true)
                #expect((error["message"] as? String)?.contains("store.maximumBytes") == true)
                #expect((response["output"] as? [Any])?.isEmpty == true)
            }
        }
    }

    /// Begins a response in the background and gives its id.
    private func begin(_ gateway: GatewayUnderTest) async throws -> String {
        try await TestConnection.open(port: gateway.port) { client in
            try await client.sendJSON(
                #"{"model":"qwen-plus","input":"hi","background":true}"#,
                to: "/v1/responses"
            )
            return try #require(try Self.object(try await client.response().body)["id"] as? String)
        }
    }

    private func document(_ gateway: GatewayUnderTest, _ id: String) async throws -> [String: Any] {
        try await TestConnection.open(port: gateway.port) { client in
            try await client.ask("GET", "/v1/responses/\(id)")
            return try Self.object(try await client.response().body)
        }
    }

    @Test(arguments: ["memory:", "sqlite:"]) func theStoreHasABound(url: String) async throws {
        try await TestFolder.with { folder in
            let url = url == "sqlite:" ? "sqlite:\(folder)/store.db" : url
            try await with(url, maximumBytes: 8192) { gateway in
                var ids: [String] = []
                for _ in 0..<20 { ids.append(try await respond(gateway)) }
                #expect(try await status(gateway, "/v1/responses/\(ids[0])") == 404)
                #expect(try await status(gateway, "/v1/responses/\(ids[19])") == 200)
                try await TestConnection.open(port: gateway.port) { client in
                    let text = String(repeating: "x", count: 10_000)
                    try await client.sendJSON(
                        #"{"items":[{"role":"user","content":"\#(text)"}]}"#,
                        to: "/v1/conversations"
                    )
                    let refused = try await client.response()
                    #expect(refused.status == 413)
                    #expect(refused.body.contains(#""code":"store_object_too_large""#))
                }
                // What was too large has pushed nothing out.
                #expect(try await status(gateway, "/v1/responses/\(ids[19])") == 200)
            }
        }
    }

    @Test func aReloadChangesTheBoundButNotThePlace() async throws {
        try await TestFolder.with { folder in
            let file = URL(filePath: "\(folder)/gateway.yaml")
            func write(_ url: String, _ bytes: Int) throws {
                try Data("store:\n  url: \"\(url)\"\n  maximumBytes: \(bytes)\n".utf8).write(to: file)
            }
            try write("sqlite:\(folder)/store.db", 1 << 20)
            try await GatewayUnderTest.run(
                upstream: upstream(),
                setup: GatewaySetup(ConfigurationSources(file: file.path))
            ) { (gateway: GatewayUnderTest) async throws in
                var ids: [String] = []
                for _ in 0..<20 { ids.append(try await respond(gateway)) }
                #expect(try await status(gateway, "/v1/responses/\(ids[0])") == 200)
                // Objects in another place would be unknown; this waits for a restart.
                try write("memory:", 8192)
                await gateway.service.reload()
                ids.append(try await respond(gateway))
                #expect(try await status(gateway, "/v1/responses/\(ids[20])") == 200)
                #expect(try await status(gateway, "/v1/responses/\(ids[1])") == 404)
                #expect(try await status(gateway, "/v1/responses/\(ids[18])") == 200)
            }
        }
    }

    @Test func conversationsOfInventedKeysPushOutNoResponse() async throws {
        try await TestFolder.with { folder in
            for url in ["memory:", "sqlite:\(folder)/store.db"] {
                try await with(url, maximumBytes: 16_384) { gateway in
                    let id = try await respond(gateway, key: "sk-real")
                    try await TestConnection.open(port: gateway.port) { client in
                        let text = String(repeating: "x", count: 500)
                        for number in 0..<100 {
                            try await client.sendJSON(
                                #"{"items":[{"role":"user","content":"\#(text)"}]}"#,
                                to: "/v1/conversations",
                                key: "sk-invented-\(number)"
                            )
                            #expect(try await client.response().status == 200)
                        }
                    }
                    #expect(try await status(gateway, "/v1/responses/\(id)", key: "sk-real") == 200)
                }
            }
        }
    }

    @Test func aFileThatCannotBeUsedIsSaidAtTheStart() async throws {
        try await TestFolder.with { folder in
            var configuration = GatewayConfiguration()
            configuration.store.url = "sqlite:\(folder)/nowhere/store.db"
            let problem = try ResponseStore.problem(configuration, stateDirectory: nil)
            #expect(problem?.description.contains("store.url: \(folder)/nowhere/store.db: \(folder)/nowhere/") == true)
            await #expect(throws: ConfigurationProblems.self) {
                try await with("sqlite:\(folder)/nowhere/store.db") { _ in }
            }
            configuration.store.url = "sqlite:"
            #expect(try ResponseStore.problem(configuration, stateDirectory: folder) == nil)
            #expect(try ResponseStore.problem(configuration, stateDirectory: folder + "/nowhere") != nil)
        }
    }
}
