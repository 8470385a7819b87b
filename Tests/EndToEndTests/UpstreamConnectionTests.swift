import HTTPServing
import NIOCore
import Synchronization
import Testing
import Upstream

@testable import Gateway

private let plainRequest = #"{"model":"qwen-plus","messages":[{"role":"user","content":"hi"}]}"#
private let urlError =
    #"{"code":"InvalidParameter","message":"url error, please check url！","request_id":"up-1"}"#

@Suite(.timeLimit(.minutes(15)))
struct UpstreamConnectionTests {
    @Test func twoHundredCallsRunAtOnce() async throws {
        let arrived = Atomic<Int>(0)
        let all = Signal()
        let upstream = ScriptedUpstream { _, writer in
            if arrived.add(1, ordering: .sequentiallyConsistent).newValue == 200 { all.fire() }
            // Nobody is answered before everybody is here: a queue anywhere would never end.
            await all.wait()
            try await writer.answer("hello")
        }
        try await GatewayUnderTest.run(upstream: upstream) { gateway in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<200 {
                    group.addTask {
                        try await TestConnection.open(port: gateway.port) { client in
                            try await client.sendChat(plainRequest)
                            return try await client.response().status
                        }
                    }
                }
                for try await status in group { #expect(status == 200) }
            }
        }
    }

    @Test func aCallBeyondTheConnectionLimitWaitsItsTurn() async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.answer("hello") }
        try await GatewayUnderTest.run(upstream: upstream) {
            $0.upstream.maximumConnections = 2
            // However busy the machine is, each has its turn in this time.
            $0.upstream.connectionWaitTimeout = .minutes(15)
        } _: { gateway in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<30 {
                    group.addTask {
                        try await TestConnection.open(port: gateway.port) { client in
                            try await client.sendChat(plainRequest)
                            return try await client.response().status
                        }
                    }
                }
                for try await status in group { #expect(status == 200) }
            }
            #expect(await gateway.upstream.connectionCount() <= 2)
        }
    }

    @Test func aCallThatWaitsTooLongIsRefused() async throws {
        let isHeld = Atomic(false)
        let upstream = ScriptedUpstream { _, writer in
            if isHeld.load(ordering: .relaxed) { try await writer.waitForTheCaller() }
            try await writer.answer("hello")
        }
        try await GatewayUnderTest.run(upstream: upstream, workers: 1) {
            $0.upstream.maximumConnections = 1
            $0.upstream.connectionWaitTimeout = .milliseconds(1)
        } _: { gateway in
            try await TestConnection.open(port: gateway.port) { first in
                // The connection may take longer to open than a call waits here.
                var status = 503
                while status == 503 {
                    try await first.sendChat(plainRequest)
                    status = try await first.response().status
                }
                #expect(status == 200)
                isHeld.store(true, ordering: .relaxed)
                let count = upstream.requests.count
                try await first.sendChat(plainRequest)
                try await eventually { upstream.requests.count > count }
                try await TestConnection.open(port: gateway.port) { second in
                    try await second.sendChat(plainRequest)
                    let response = try await second.response()
                    #expect(response.status == 503)
                    #expect(response.body.contains(#""code":"overloaded""#))
                    #expect(response.header("retry-after") == "1")
                }
            }
        }
    }

    @Test func aPooledConnectionThatDiedIsReplaced() async throws {
        let count = Atomic<Int>(0)
        let upstream = ScriptedUpstream { _, writer in
            // The second request on the connection finds it closed, unread.
            if count.add(1, ordering: .relaxed).newValue == 2 { return await writer.abort() }
            try await writer.answer("hello")
        }
        try await GatewayUnderTest.run(upstream: upstream) {
            $0.server.workers = 1
        } _: { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                for _ in 0..<2 {
                    try await client.sendChat(plainRequest)
                    #expect(try await client.response().status == 200)
                }
            }
        }
        #expect(upstream.requests.count == 3)
    }

    /// What begins a task is charged: it goes over a connection of its own, and once.
    @Test func aTaskIsNeverBegunTwice() async throws {
        let upstream = ScriptedUpstream { request, writer in
            guard request.path.contains("video-synthesis") else { return try await writer.answer("hello") }
            await writer.abort()
        }
        try await GatewayUnderTest.run(upstream: upstream) {
            $0.server.workers = 1
        } _: { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat(plainRequest)
                #expect(try await client.response().status == 200)
                try await client.sendJSON(#"{"model":"wan2.6-t2v","prompt":"a river"}"#, to: "/v1/videos")
                let response = try await client.response()
                #expect(response.status == 502)
                #expect(response.header("x-should-retry") == "false")
            }
        }
        #expect(upstream.requests.count == 2)
    }

    @Test(arguments: ["nonsense", "{}", #"{"output":{"task_status":"PENDING"},"request_id":"r"}"#])
    func anUnreadableAnswerToASubmissionIsNoReasonToRepeatIt(answer: String) async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.json(200, answer) }
        try await GatewayUnderTest.run(upstream: upstream) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendJSON(#"{"model":"wan2.6-t2v","prompt":"a river"}"#, to: "/v1/videos")
                let response = try await client.response()
                #expect(response.status == 502)
                #expect(response.header("x-should-retry") == "false")
                #expect(response.body.contains("may have been made"))
                #expect(!response.body.contains("try again"))
            }
        }
        #expect(upstream.requests.count == 1)
    }

    /// Two whole answers in one write: the second is nobody's.
    @Test(arguments: [1, 4]) func eachCallerGetsItsOwnAnswer(connections: Int) async throws {
        @Sendable func answer(_ text: String) -> String {
            let body =
                #"{"output":{"choices":[{"finish_reason":"stop","message":{"role":"assistant","content":"\#(text)"}}]},"#
                + #""usage":{"total_tokens":9,"input_tokens":4,"output_tokens":5},"request_id":"up-1"}"#
            return
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        }
        let upstream = RawUpstream { answer("own \($0)") + answer("surplus \($0)") }
        try await upstream.run { port in
            try await GatewayUnderTest.run(upstream: ScriptedUpstream { _, _ in }, workers: 1) {
                $0.upstream.baseURL = "http://127.0.0.1:\(port)"
                $0.upstream.maximumConnections = connections
            } _: { gateway in
                let texts = try await withThrowingTaskGroup(of: [String].self) { group in
                    for _ in 0..<4 {
                        group.addTask {
                            try await TestConnection.open(port: gateway.port) { client in
                                var texts: [String] = []
                                for _ in 0..<5 {
                                    try await client.sendChat(plainRequest)
                                    texts.append(try await client.response().body)
                                }
                                return texts
                            }
                        }
                    }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
                for number in 1...20 { #expect(texts.count { $0.contains("\"own \(number)\"") } == 1) }
                #expect(!texts.contains { $0.contains("surplus") })
            }
        }
    }

    @Test func aFreshConnectionThatDiesIsAnError() async throws {
        let upstream = ScriptedUpstream { _, writer in await writer.abort() }
        try await GatewayUnderTest.run(upstream: upstream) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat(plainRequest)
                let response = try await client.response()
                #expect(response.status == 502)
                #expect(response.body.contains("upstream_closed"))
            }
        }
        #expect(upstream.requests.count == 1)
    }

    @Test func anUnreachableUpstreamIsTold() async throws {
        try await GatewayUnderTest.run(upstream: ScriptedUpstream { _, _ in }) {
            $0.upstream.baseURL = "http://127.0.0.1:1"
        } _: { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat(plainRequest)
                let response = try await client.response()
                #expect(response.status == 502)
                #expect(response.body.contains("upstream_unreachable"))
            }
        }
    }

    @Test func theOtherPathIsTriedOnceAndRemembered() async throws {
        let upstream = ScriptedUpstream { request, writer in
            if request.path.contains("text-generation") { return try await writer.json(400, urlError) }
            try await writer.answer("hello")
        }
        let request = #"{"model":"brand-new-model","messages":[{"role":"user","content":"hi"}]}"#
        try await GatewayUnderTest.run(upstream: upstream) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                for _ in 0..<2 {
                    try await client.sendChat(request)
                    #expect(try await client.response().status == 200)
                }
            }
        }
        #expect(
            upstream.requests.map { $0.path.contains("multimodal") ? "multimodal" : "text" }
                == ["text", "multimodal", "multimodal"]
        )
    }

    @Test func aModelOnNeitherPathIsNotFound() async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.json(400, urlError) }
        try await GatewayUnderTest.run(upstream: upstream) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat(plainRequest)
                let response = try await client.response()
                #expect(response.status == 404)
                #expect(response.body.contains("model_not_found"))
            }
        }
        #expect(upstream.requests.count == 2)
    }

    @Test func anAnswerThatIsNoJSONIsAnUpstreamError() async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.json(200, "<html>") }
        try await GatewayUnderTest.run(upstream: upstream) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat(plainRequest)
                #expect(try await client.response().status == 502)
            }
        }
    }
}
