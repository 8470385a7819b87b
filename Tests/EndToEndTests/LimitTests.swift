import HTTPServing
import NIOCore
import NIOHTTP1
import Testing
import Upstream

@testable import Gateway

private let request = #"{"model":"qwen-plus","messages":[{"role":"user","content":"hi"}]}"#

@Suite(.timeLimit(.minutes(15)))
struct LimitTests {
    /// The statuses of several requests of one key, each on a connection of its own.
    private func statuses(_ count: Int, port: Int, headers: String = "") async throws -> [Int] {
        var statuses: [Int] = []
        for _ in 0..<count {
            try await TestConnection.open(port: port) { client in
                try await client.sendChat(request, headers: headers)
                statuses.append(try await client.response().status)
            }
        }
        return statuses
    }

    @Test func aCallerAboveItsRateIsToldWhenToComeBack() async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.answer("ok") }
        let configure: (inout GatewayConfiguration) -> Void = {
            $0.limits.caller.requestsPerMinute = 1
            $0.limits.caller.burst = 2
        }
        try await GatewayUnderTest.run(upstream: upstream, configure: configure) {
            (gateway: GatewayUnderTest) async throws in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat(request)
                let first = try await client.response()
                #expect(first.status == 200)
                #expect(first.header("x-ratelimit-limit-requests") == "1")
                #expect(first.header("x-ratelimit-remaining-requests") == "1")
                #expect(first.header("x-ratelimit-reset-requests") != nil)
                try await client.sendChat(request)
                #expect(try await client.response().status == 200)
                try await client.sendChat(request)
                let refused = try await client.response()
                #expect(refused.status == 429)
                #expect(refused.body.contains("\"rate_limit_exceeded\""))
                #expect(refused.body.contains("this API key: 1 request a minute."))
                #expect(try (1...60).contains(#require(refused.header("retry-after").flatMap { Int($0) })))
                #expect(refused.header("x-should-retry") == "true")
                #expect(refused.header("x-ratelimit-remaining-requests") == "0")
            }
            #expect(upstream.requests.count == 2)
            // Another key has its own.
            try await TestConnection.open(port: gateway.port) { client in
                try await client.send(
                    "GET /v1/models HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer sk-other\r\n\r\n"
                )
                #expect(try await client.response().status == 200)
            }
        }
    }

    @Test func limitsAreExactHoweverManyLoopsThereAre() async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.answer("ok") }
        try await GatewayUnderTest.run(
            upstream: upstream,
            workers: 4,
            configure: {
                $0.limits.caller.requestsPerMinute = 1
                $0.limits.caller.burst = 5
            }
        ) { (gateway: GatewayUnderTest) async throws in
            let found = try await statuses(12, port: gateway.port)
            #expect(found.filter { $0 == 200 }.count == 5)
            #expect(found.filter { $0 == 429 }.count == 7)
        }
    }

    @Test func aPermitComesBackHoweverTheRequestEnds() async throws {
        let started = Signal()
        let cancelled = Signal()
        let upstream = ScriptedUpstream { request, writer in
            guard request.headers.contains(name: "x-dashscope-sse") else { return try await writer.answer("ok") }
            try await writer.startEvents()
            started.fire()
            await withTaskCancellationHandler {
                await cancelled.wait()
            } onCancel: {
                cancelled.fire()
            }
        }
        try await GatewayUnderTest.run(
            upstream: upstream,
            configure: { $0.limits.caller.concurrentRequests = 1 }
        ) { (gateway: GatewayUnderTest) async throws in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat(
                    #"{"model":"qwen-plus","stream":true,"messages":[{"role":"user","content":"hi"}]}"#
                )
                await started.wait()
                #expect(try await statuses(1, port: gateway.port) == [429])
            }
            // The client left in the middle of its stream.
            await cancelled.wait()
            #expect(try await statuses(3, port: gateway.port) == [200, 200, 200])
        }
    }

    @Test func aThousandThatWaitAndAreRefusedGoOneAfterAnother() async throws {
        let started = Signal()
        let release = Signal()
        let upstream = ScriptedUpstream { _, writer in
            started.fire()
            await release.wait()
            try await writer.answer("ok")
        }
        try await GatewayUnderTest.run(
            upstream: upstream,
            workers: 1,
            configure: {
                $0.limits.overall.concurrentRequests = 1
                $0.limits.queueLength = 2000
                $0.limits.queuePerCaller = 2000
                $0.limits.queueTimeout = .minutes(10)
            }
        ) { (gateway: GatewayUnderTest) async throws in
            try await TestConnection.open(port: gateway.port) { first in
                try await first.sendChat(request)
                await started.wait()
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<1000 {
                        group.addTask {
                            try await TestConnection.open(port: gateway.port) { client in
                                // Refused as soon as its turn comes.
                                try await client.sendChat("{}")
                                return try await client.response().status
                            }
                        }
                    }
                    // The thousand and the one that is answered.
                    try await eventually { gateway.service.openRequestCount >= 1001 }
                    release.fire()
                    for try await status in group { #expect(status == 400) }
                }
                #expect(try await first.response().status == 200)
            }
        }
    }

    @Test func usedTokensAreSettled() async throws {
        let upstream = ScriptedUpstream { request, writer in
            if String(buffer: request.body).contains("refuse me") {
                return try await writer.json(400, #"{"code":"InvalidParameter","message":"no","request_id":"up-1"}"#)
            }
            try await writer.json(
                200,
                #"{"output":{"choices":[{"finish_reason":"stop","message":{"role":"assistant","content":"ok"}}]},"#
                    + #""usage":{"total_tokens":90000,"input_tokens":80000,"output_tokens":10000},"request_id":"up-1"}"#
            )
        }
        try await GatewayUnderTest.run(
            upstream: upstream,
            configure: { $0.limits.caller.tokensPerMinute = 100 }
        ) { (gateway: GatewayUnderTest) async throws in
            try await TestConnection.open(port: gateway.port) { client in
                // Each is estimated at 17 tokens or more; what upstream refused used none.
                for _ in 0..<20 {
                    try await client.sendChat(request.replacing("hi", with: "refuse me"))
                    #expect(try await client.response().status == 400)
                }
                try await client.sendChat(request)
                let answered = try await client.response()
                #expect(answered.status == 200)
                #expect(answered.header("x-ratelimit-limit-tokens") == "100")
                // 90,000 tokens were used: the caller is in debt for hours.
                try await client.sendChat(request)
                let refused = try await client.response()
                #expect(refused.status == 429)
                #expect(refused.body.contains("tokens a minute"))
                #expect(try #require(refused.header("retry-after").flatMap { Int($0) }) > 3600)
            }
        }
    }

    /// How a stream is cut before upstream is done with it.
    enum Cut: CaseIterable {
        case clientLeaves, timesOut, upstreamBreaks
    }

    @Test(arguments: Cut.allCases, [true, false])
    func tokensOfAStreamThatIsCutAreCounted(_ cut: Cut, withUsage: Bool) async throws {
        let over = Signal()
        let upstream = ScriptedUpstream { _, writer in
            let usage = withUsage ? #","usage":{"input_tokens":80000,"output_tokens":10000}"# : ""
            try await writer.startEvents()
            let event =
                #"data:{"output":{"choices":[{"message":{"content":"word ","role":"assistant"},"#
                + #""finish_reason":"null"}]}\#(usage),"request_id":"up-1"}"# + "\n\n"
            // In one piece: a pause between two of them is no silence that the test means.
            try await writer.write(ByteBuffer(string: String(repeating: event, count: 200)))
            if cut == .upstreamBreaks { return await writer.abort() }
            await over.wait()
        }
        try await GatewayUnderTest.run(
            upstream: upstream,
            configure: {
                $0.limits.caller.tokensPerMinute = 100
                if cut == .timesOut { $0.upstream.idleTimeout = .seconds(2) }
                $0.stream.keepAliveInterval = .milliseconds(20)
            }
        ) { (gateway: GatewayUnderTest) async throws in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat(
                    #"{"model":"qwen-plus","stream":true,"messages":[{"role":"user","content":"hi"}]}"#
                )
                _ = try await client.head()
                // A read may end inside a word.
                var text = ""
                while text.ranges(of: "word ").count < 200, let piece = try await client.piece() { text += piece }
                #expect(text.ranges(of: "word ").count == 200)
                if cut != .clientLeaves { while try await client.piece() != nil {} }
            }
            try await TestConnection.open(port: gateway.port) { client in
                // Asked over the socket, which lets others work meanwhile.
                while gateway.service.openRequestCount > 0 {
                    try await client.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
                    _ = try await client.response()
                }
                try await client.sendChat(request)
                let refused = try await client.response()
                #expect(refused.status == 429)
                let wait = try #require(refused.header("retry-after").flatMap { Int($0) })
                // 90,000 tokens are a debt of hours, 200 words one of about two minutes.
                #expect(withUsage ? wait > 3600 : (30...300).contains(wait))
            }
            over.fire()
        }
    }

    @Test func withAQueueARequestWaitsForItsTurn() async throws {
        let release = Signal()
        let started = Signal()
        let upstream = ScriptedUpstream { request, writer in
            if String(buffer: request.body).contains("first") {
                started.fire()
                await release.wait()
            }
            try await writer.answer("ok")
        }
        let configure: (inout GatewayConfiguration) -> Void = {
            $0.limits.caller.concurrentRequests = 1
            $0.limits.queueLength = 1
            $0.limits.queueTimeout = .minutes(10)
        }
        try await GatewayUnderTest.run(upstream: upstream, workers: 1, configure: configure) {
            (gateway: GatewayUnderTest) async throws in
            try await TestConnection.open(port: gateway.port) { first in
                try await first.sendChat(request.replacing("hi", with: "first"))
                await started.wait()
                try await TestConnection.open(port: gateway.port) { second in
                    try await second.sendChat(request)
                    // The second waits; a third finds the queue full.
                    try await eventually { gateway.service.openRequestCount == 2 }
                    try await TestConnection.open(port: gateway.port) { third in
                        try await third.sendChat(request)
                        #expect(try await third.response().status == 429)
                    }
                    release.fire()
                    #expect(try await second.response().status == 200)
                }
                #expect(try await first.response().status == 200)
            }
        }
    }

    @Test func addressesAreAllowedAndDeniedBehindTrustedProxiesOnly() async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.answer("ok") }
        try await GatewayUnderTest.run(
            upstream: upstream,
            configure: { $0.access.deny = ["203.0.113.0/24"] }
        ) { (gateway: GatewayUnderTest) async throws in
            // Not believed: the peer is no trusted proxy.
            #expect(try await statuses(1, port: gateway.port, headers: "X-Forwarded-For: 203.0.113.7\r\n") == [200])
        }
        try await GatewayUnderTest.run(
            upstream: upstream,
            configure: {
                $0.access.deny = ["203.0.113.0/24"]
                $0.server.trustedProxies = ["127.0.0.0/8"]
            }
        ) { (gateway: GatewayUnderTest) async throws in
            #expect(try await statuses(1, port: gateway.port, headers: "X-Forwarded-For: 203.0.113.7\r\n") == [403])
            #expect(
                try await statuses(1, port: gateway.port, headers: "X-Forwarded-For: 203.0.113.7, 198.51.100.1\r\n")
                    == [200]
            )
            #expect(try await statuses(1, port: gateway.port) == [200])
        }
        try await GatewayUnderTest.run(upstream: upstream, configure: { $0.access.allow = ["10.0.0.0/8"] }) {
            (gateway: GatewayUnderTest) async throws in
            #expect(try await statuses(1, port: gateway.port) == [403])
            try await TestConnection.open(port: gateway.port) { client in
                try await client.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(try await client.response().status == 200)
            }
        }
    }

    @Test func onlyTheOperatorLetsCallersComeWithoutAKey() async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.answer("ok") }
        let bare =
            "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            + "Content-Length: \(request.utf8.count)\r\n\r\n\(request)"
        for allowed in [false, true] {
            try await GatewayUnderTest.run(
                upstream: upstream,
                configure: {
                    $0.upstream.key = "sk-of-the-server"
                    $0.callers.mayOmitKey = allowed
                }
            ) { (gateway: GatewayUnderTest) async throws in
                try await TestConnection.open(port: gateway.port) { client in
                    try await client.send(bare)
                    #expect(try await client.response().status == (allowed ? 200 : 401))
                }
                #expect(try await statuses(1, port: gateway.port) == [200])
            }
        }
        #expect(
            upstream.requests.map { $0.headers.first(name: "authorization") }
                == ["Bearer sk-test", "Bearer sk-of-the-server", "Bearer sk-test"]
        )
    }

    @Test func onlyListedOriginsMayReadAnswers() async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.answer("ok") }
        try await GatewayUnderTest.run(
            upstream: upstream,
            configure: { $0.cors.origins = ["https://app.example"] }
        ) { (gateway: GatewayUnderTest) async throws in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat(request, headers: "Origin: https://app.example\r\n")
                let allowed = try await client.response()
                #expect(allowed.header("access-control-allow-origin") == "https://app.example")
                #expect(allowed.header("vary") == "Origin")
                #expect(allowed.header("access-control-allow-credentials") == nil)
                try await client.sendChat(request, headers: "Origin: https://evil.example\r\n")
                let other = try await client.response()
                #expect(other.status == 200)
                #expect(other.header("access-control-allow-origin") == nil)
            }
        }
    }

    /// The gauge of memory held for clients.
    private func heldBytes(_ port: Int) async throws -> Int? {
        try await TestConnection.open(port: port) { client in
            try await client.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
            let lines = try await client.response().body.split(separator: "\n")
            let line = lines.first { $0.hasPrefix("gateway_request_body_bytes ") }
            return line?.split(separator: " ").last.flatMap { Int($0) }
        }
    }

    @Test func aBodyAndTheCallMadeOfItAreHeldUntilUpstreamAnswers() async throws {
        let (arrived, mayAnswer) = (Signal(), Signal())
        let upstream = ScriptedUpstream { _, writer in
            arrived.fire()
            await mayAnswer.wait()
            try await writer.answer("ok")
        }
        try await GatewayUnderTest.run(upstream: upstream) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                let text = String(repeating: "a", count: 200_000)
                try await client.sendChat(
                    "{\"model\":\"qwen-plus\",\"messages\":[{\"role\":\"user\",\"content\":\"\(text)\"}]}"
                )
                await arrived.wait()
                #expect(try await heldBytes(gateway.port) ?? 0 > 400_000)
                mayAnswer.fire()
                #expect(try await client.response().status == 200)
                #expect(try await heldBytes(gateway.port) == 0)
            }
        }
    }

    /// A text has room as a body, but not the call that is made of it; many values have room as neither.
    @Test(arguments: ["a text", "values"]) func whatIsMadeOfABodyCountsToo(kind: String) async throws {
        let text = kind == "a text" ? String(repeating: "a", count: 600_000) : "x"
        let values = kind == "values" ? String(repeating: "1,", count: 200_000) : ""
        let body =
            "{\"model\":\"qwen-plus\",\"messages\":[{\"role\":\"user\",\"content\":\"\(text)\"}],\"x\":[\(values)1]}"
        let upstream = ScriptedUpstream { _, writer in try await writer.answer("ok") }
        try await GatewayUnderTest.run(upstream: upstream, configure: { $0.server.maximumBodyMemory = 1 << 20 }) {
            (gateway: GatewayUnderTest) async throws in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat(body)
                let refused = try await client.response()
                #expect(refused.status == 503)
                #expect(refused.body.contains("\"overloaded\""))
                #expect(refused.header("retry-after") == "1")
                try await client.sendChat(request)
                #expect(try await client.response().status == 200)
            }
            #expect(upstream.requests.count == 1)
            #expect(try await heldBytes(gateway.port) == 0)
        }
    }
}
