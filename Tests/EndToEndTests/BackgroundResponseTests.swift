import AdmissionControl
import Foundation
import HTTPServing
import NIOCore
import NIOPosix
import TestSupport
import Testing
import Upstream

@testable import Gateway
@testable import Storage

/// Responses that run without their client.
@Suite(.timeLimit(.minutes(15)))
struct BackgroundResponseTests {
    private static func object(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    /// An upstream that says one word, waits, and says another.
    private func upstream(waitingFor signal: Signal) -> ScriptedUpstream {
        ScriptedUpstream { _, writer in
            try await writer.startEvents()
            try await writer.event("one")
            await signal.wait()
            try await writer.event(" two", finish: "stop", id: 2)
            try await writer.finish()
        }
    }

    private func ask(
        _ gateway: GatewayUnderTest,
        _ method: String,
        _ path: String,
        key: String = "sk-test"
    ) async throws -> TestConnection.Response {
        try await TestConnection.open(port: gateway.port) { client in
            try await client.ask(method, path, key: key)
            return try await client.response()
        }
    }

    /// Begins a response that is polled; gives its beginning.
    private func begin(_ gateway: GatewayUnderTest, _ more: String = "", key: String = "sk-test") async throws
        -> [String: Any]
    {
        try await TestConnection.open(port: gateway.port) { client in
            try await client.sendJSON(
                #"{"model":"qwen-plus","input":"hi","background":true\#(more)}"#,
                to: "/v1/responses",
                key: key
            )
            let response = try await client.response()
            #expect(response.status == 200, "\(response.body)")
            return try Self.object(response.body)
        }
    }

    private func state(_ gateway: GatewayUnderTest, _ id: String) async throws -> [String: Any] {
        try Self.object(try await ask(gateway, "GET", "/v1/responses/\(id)").body)
    }

    private static func numbers(of events: String) throws -> [Int] {
        try events.split(separator: "\n").filter { $0.hasPrefix("data: ") }.map {
            try #require(try object(String($0.dropFirst("data: ".count)))["sequence_number"] as? Int)
        }
    }

    @Test func aResponseIsPolledUntilItIsComplete() async throws {
        let signal = Signal()
        try await GatewayUnderTest.run(upstream: upstream(waitingFor: signal)) { gateway in
            let beginning = try await begin(gateway)
            #expect(beginning["status"] as? String == "queued" && beginning["background"] as? Bool == true)
            #expect((beginning["output"] as? [Any])?.isEmpty == true && beginning["usage"] is NSNull)
            let id = try #require(beginning["id"] as? String)
            try await eventually { try await state(gateway, id)["status"] as? String == "in_progress" }
            #expect(try await ask(gateway, "GET", "/v1/responses/\(id)", key: "sk-other").status == 404)
            #expect(try await ask(gateway, "POST", "/v1/responses/\(id)/cancel", key: "sk-other").status == 404)
            signal.fire()
            try await eventually { try await state(gateway, id)["status"] as? String == "completed" }
            let end = try await state(gateway, id)
            let item = try #require((end["output"] as? [[String: Any]])?.first)
            #expect((item["content"] as? [[String: Any]])?.first?["text"] as? String == "one two")
            #expect((end["usage"] as? [String: Any])?["output_tokens"] as? Int == 5)
            let items = try Self.object(try await ask(gateway, "GET", "/v1/responses/\(id)/input_items").body)
            #expect((items["data"] as? [Any])?.count == 1)
            // It was not created with `stream`.
            #expect(try await ask(gateway, "GET", "/v1/responses/\(id)?stream=true").status == 400)
            try await eventually { gateway.service.openRequestCount == 0 }
        }
    }

    @Test(arguments: ["memory:", "sqlite:"]) func aStreamIsFollowedAgainFromItsPlace(url: String) async throws {
        try await TestFolder.with { folder in
            let url = url == "sqlite:" ? "sqlite:\(folder)/store.db" : url
            let signal = Signal()
            try await GatewayUnderTest.run(
                upstream: upstream(waitingFor: signal),
                configure: { $0.store.url = url }
            ) { gateway in
                let first = try await TestConnection.open(port: gateway.port) { client in
                    try await client.sendJSON(
                        #"{"model":"qwen-plus","input":"hi","background":true,"stream":true}"#,
                        to: "/v1/responses"
                    )
                    #expect(try await client.head().status == 200)
                    return try await client.read(until: "output_text.delta\"")
                }
                let names = first.split(separator: "\n").filter { $0.hasPrefix("event: ") }
                    .map { $0.dropFirst("event: response.".count) }
                #expect(
                    names.prefix(6) == [
                        "created", "queued", "in_progress", "output_item.added", "content_part.added",
                        "output_text.delta",
                    ]
                )
                let seen = try Self.numbers(of: first)
                #expect(seen == Array(0..<seen.count))
                let id = "resp_" + (try #require(first.firstMatch(of: /resp_([0-9a-f]+)/)?.1))
                let path = "/v1/responses/\(id)?stream=true&starting_after="
                // The client has left; upstream goes on for whoever comes back.
                let rest = try await TestConnection.open(port: gateway.port) { client in
                    try await client.ask("GET", path + "2")
                    let head = try await client.head()
                    #expect(head.first("content-type") == "text/event-stream; charset=utf-8")
                    let before = try await client.read(until: "output_text.delta\"")
                    signal.fire()
                    var rest = before
                    while let piece = try await client.piece() { rest += piece }
                    return rest
                }
                let numbers = try Self.numbers(of: rest)
                #expect(numbers == Array(3..<numbers.count + 3))
                #expect(rest.contains("event: response.completed\n"))
                // The same from the store.
                try await eventually { gateway.service.openRequestCount == 0 }
                #expect(try await ask(gateway, "GET", path + "2").body == rest)
                let all = try await ask(gateway, "GET", "/v1/responses/\(id)?stream=true").body
                #expect(all.hasPrefix("event: response.created\n") && all.hasSuffix(rest))
                #expect(try await ask(gateway, "GET", path + "9999").body.isEmpty)
                #expect(try await ask(gateway, "GET", path + "x").status == 400)
            }
        }
    }

    @Test(arguments: [false, true]) func aCancelEndsTheCallUpstream(deletes: Bool) async throws {
        let started = Signal()
        let cancelled = Signal()
        let upstream = ScriptedUpstream { _, writer in
            try await writer.startEvents()
            try await writer.event("one")
            started.fire()
            await withTaskCancellationHandler {
                await cancelled.wait()
            } onCancel: {
                cancelled.fire()
            }
        }
        try await GatewayUnderTest.run(upstream: upstream) { gateway in
            let id = try #require(try await begin(gateway)["id"] as? String)
            await started.wait()
            if deletes {
                let answer = try await ask(gateway, "DELETE", "/v1/responses/\(id)")
                #expect(try Self.object(answer.body)["deleted"] as? Bool == true)
            } else {
                for _ in 0..<2 {
                    let answer = try await ask(gateway, "POST", "/v1/responses/\(id)/cancel")
                    #expect(answer.status == 200)
                    #expect(try Self.object(answer.body)["status"] as? String == "cancelled")
                    #expect(try Self.object(answer.body)["error"] is NSNull)
                }
            }
            await cancelled.wait()
            let status = try await ask(gateway, "GET", "/v1/responses/\(id)").status
            #expect(status == (deletes ? 404 : 200))
            try await eventually { gateway.service.openRequestCount == 0 }
        }
    }

    @Test func aFailureIsTheResponsesEnd() async throws {
        let upstream = ScriptedUpstream { _, writer in
            try await writer.json(400, #"{"code":"DataInspectionFailed","message":"No.","request_id":"up-1"}"#)
        }
        try await GatewayUnderTest.run(upstream: upstream) { gateway in
            let id = try #require(try await begin(gateway)["id"] as? String)
            try await eventually { try await state(gateway, id)["status"] as? String == "failed" }
            let error = try await state(gateway, id)["error"] as? [String: Any]
            #expect(error?["code"] as? String == "invalid_prompt")
        }
    }

    @Test func whatRunsIsBounded() async throws {
        let signal = Signal()
        try await GatewayUnderTest.run(
            upstream: upstream(waitingFor: signal),
            configure: {
                $0.background.maximumPerCaller = 2
                $0.background.maximumResponses = 3
            }
        ) { gateway in
            var ids: [String] = []
            for _ in 0..<2 { ids.append(try #require(try await begin(gateway)["id"] as? String)) }
            try await TestConnection.open(port: gateway.port) { client in
                let json = #"{"model":"qwen-plus","input":"hi","background":true}"#
                try await client.sendJSON(json, to: "/v1/responses")
                let refused = try await client.response()
                #expect(refused.status == 429)
                #expect(refused.body.contains("background.maximumPerCaller"))
                _ = try await begin(gateway, key: "sk-other")
                try await client.sendJSON(json, to: "/v1/responses", key: "sk-third")
                let full = try await client.response()
                #expect(full.status == 429)
                #expect(full.body.contains("background.maximumResponses"))
            }
            signal.fire()
            for id in ids {
                try await eventually { try await state(gateway, id)["status"] as? String == "completed" }
            }
            // Their places are free again.
            try await eventually { gateway.service.openRequestCount == 0 }
            _ = try await begin(gateway)
        }
    }

    @Test func eventsWithoutRoomAreLostAndTheResponseIsNot() async throws {
        let signal = Signal()
        try await GatewayUnderTest.run(
            upstream: upstream(waitingFor: signal),
            configure: { $0.background.maximumBytes = 2600 }
        ) { gateway in
            let id = try #require(try await begin(gateway, #","instructions":"x""#)["id"] as? String)
            signal.fire()
            try await eventually { try await state(gateway, id)["status"] as? String == "completed" }
            let input = String(repeating: "x", count: 3000)
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendJSON(
                    #"{"model":"qwen-plus","input":"\#(input)","background":true}"#,
                    to: "/v1/responses"
                )
                #expect(try await client.response().status == 503)
            }
        }
    }

    @Test(arguments: [#","store":false"#, "none"]) func whatIsNotStoredCannotRunInTheBackground(how: String)
        async throws
    {
        let upstream = ScriptedUpstream { _, writer in try await writer.answer("hello") }
        try await GatewayUnderTest.run(
            upstream: upstream,
            configure: { if how == "none" { $0.store.url = "none" } }
        ) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                let more = how == "none" ? "" : how
                try await client.sendJSON(
                    #"{"model":"qwen-plus","input":"hi","background":true\#(more)}"#,
                    to: "/v1/responses"
                )
                let refused = try await client.response()
                #expect(refused.status == 400)
                #expect(refused.body.contains(#""param":"background""#))
            }
            #expect(upstream.requests.isEmpty)
        }
    }

    // MARK: - Ends of the process

    @Test func aDrainWaitsForResponsesAndThenEndsThem() async throws {
        try await TestFolder.with { folder in
            let (short, long) = (Signal(), Signal())
            let upstream = ScriptedUpstream { request, writer in
                try await writer.startEvents()
                try await writer.event("one")
                await (String(buffer: request.body).contains("short") ? short : long).wait()
                try await writer.event(" two", finish: "stop", id: 2)
                try await writer.finish()
            }
            let ids = try await GatewayUnderTest.run(
                upstream: upstream,
                configure: {
                    $0.store.url = "sqlite:\(folder)/store.db"
                    $0.drain.timeout = .milliseconds(500)
                }
            ) { gateway in
                let ids = [
                    try #require(try await begin(gateway, #","instructions":"short""#)["id"] as? String),
                    try #require(try await begin(gateway)["id"] as? String),
                ]
                for id in ids {
                    try await eventually { try await state(gateway, id)["status"] as? String == "in_progress" }
                }
                async let stop: Void = gateway.service.stop()
                short.fire()
                await stop
                return ids
            }
            long.fire()
            try await GatewayUnderTest.run(
                upstream: upstream,
                configure: { $0.store.url = "sqlite:\(folder)/store.db" }
            ) { gateway in
                let (first, second) = (try await state(gateway, ids[0]), try await state(gateway, ids[1]))
                #expect(first["status"] as? String == "completed")
                #expect(second["status"] as? String == "failed")
            }
        }
    }

    @Test func aResponseThatWasLostHasFailed() async throws {
        try await TestFolder.with { folder in
            let path = folder + "/store.db"
            let now = Int(Date().timeIntervalSince1970)
            let store = try SQLiteStore(path: path, limits: StoreLimits(maximumBytes: 1 << 20)) { now }
            let owner = try KeyedHash(key: store.callerSecret).callerID(of: "sk-test").value
            let loop = MultiThreadedEventLoopGroup.singleton.next()
            for (id, end) in [("resp_lost", now - 10), ("resp_elsewhere", now + 100)] {
                let document = ByteBuffer(
                    string: #"{"id":"\#(id)","status":"in_progress","error":null,"background":true,"output":[]}"#
                )
                let object = StoredObject(id: id, owner: owner, document: document, runsUntil: end)
                try await store.put(object, provesOwner: true, on: loop).get()
            }
            await store.close()
            let upstream = ScriptedUpstream { _, writer in try await writer.answer("hello") }
            try await GatewayUnderTest.run(upstream: upstream, configure: { $0.store.url = "sqlite:\(path)" }) {
                gateway in
                let lost = try await state(gateway, "resp_lost")
                #expect(lost["status"] as? String == "failed")
                #expect((lost["error"] as? [String: Any])?["code"] as? String == "server_error")
                #expect(try await state(gateway, "resp_elsewhere")["status"] as? String == "in_progress")
                #expect(try await ask(gateway, "POST", "/v1/responses/resp_elsewhere/cancel").status == 400)
                let stream = try await ask(gateway, "GET", "/v1/responses/resp_elsewhere?stream=true&starting_after=2")
                #expect(stream.status == 400)
                #expect(stream.body.contains("runs in another process"))
                try await TestConnection.open(port: gateway.port) { client in
                    try await client.sendJSON(
                        #"{"model":"qwen-plus","input":"hi","previous_response_id":"resp_elsewhere"}"#,
                        to: "/v1/responses"
                    )
                    #expect(try await client.response().body.contains("is not complete yet"))
                }
            }
        }
    }

    @Test func aHundredRunAtTheSameTime() async throws {
        let upstream = ScriptedUpstream { _, writer in
            try await writer.startEvents()
            try await writer.event("hello", finish: "stop")
            try await writer.finish()
        }
        try await GatewayUnderTest.run(
            upstream: upstream,
            configure: { $0.background.maximumResponses = 100 }
        ) { gateway in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for caller in 0..<100 {
                    group.addTask {
                        let key = "sk-caller-\(caller)"
                        let id = try #require(try await begin(gateway, key: key)["id"] as? String)
                        try await eventually {
                            let body = try await ask(gateway, "GET", "/v1/responses/\(id)", key: key).body
                            return try Self.object(body)["status"] as? String == "completed"
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
