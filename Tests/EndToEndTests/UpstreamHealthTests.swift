import HTTPServing
import NIOCore
import NIOHTTP1
import Synchronization
import Testing
import Upstream

@testable import Gateway

private let plainRequest = #"{"model":"qwen-plus","messages":[{"role":"user","content":"hi"}]}"#

@Suite(.timeLimit(.minutes(15)))
struct UpstreamHealthTests {
    private let edgeDown = ScriptedUpstream { _, writer in
        try await writer.send(
            status: 502,
            headers: [("Content-Type", "text/html")],
            body: ByteBuffer(string: "<html>502</html>")
        )
    }

    @Test func aHostThatIsDownIsNotHammered() async throws {
        try await GatewayUnderTest.run(upstream: edgeDown) {
            $0.upstream.breaker = .init(consecutiveFailures: 2, pause: .seconds(120), maximumPause: .seconds(120))
        } _: { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                for _ in 0..<2 {
                    try await client.sendChat(plainRequest)
                    #expect(try await client.response().status == 502)
                }
                try await client.sendChat(plainRequest)
                let response = try await client.response()
                #expect(response.status == 503)
                #expect(response.body.contains("\"upstream_unavailable\""))
                #expect(response.body.contains("status 502"))
                #expect(response.header("retry-after").flatMap { Int($0) }.map { (1...120).contains($0) } == true)
            }
            let statistics = await gateway.service.upstreamStatistics()
            #expect(statistics.isBreakerOpen)
            #expect(statistics.breakerOpenings == 1)
            #expect(statistics.refusedByBreaker == 1)
        }
        #expect(edgeDown.requests.count == 2)
    }

    @Test func aHostThatIsBackIsCalledAgain() async throws {
        let count = Atomic<Int>(0)
        let upstream = ScriptedUpstream { _, writer in
            if count.add(1, ordering: .relaxed).newValue > 3 { return try await writer.answer("hello") }
            try await writer.send(status: 502, headers: [], body: ByteBuffer())
        }
        try await GatewayUnderTest.run(upstream: upstream) {
            $0.upstream.breaker = .init(consecutiveFailures: 2, pause: .milliseconds(1), maximumPause: .milliseconds(1))
        } _: { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                var status = 0
                while status != 200 {
                    try await client.sendChat(plainRequest)
                    status = try await client.response().status
                }
            }
            let statistics = await gateway.service.upstreamStatistics()
            #expect(!statistics.isBreakerOpen)
            #expect(statistics.breakerOpenings >= 1)
        }
    }

    @Test func aHostThatCannotBeReachedOpensTheBreakerWithinOneCall() async throws {
        try await GatewayUnderTest.run(upstream: edgeDown) {
            $0.upstream.baseURL = "http://127.0.0.1:1"
            $0.upstream.breaker = .init(consecutiveFailures: 2, pause: .seconds(120), maximumPause: .seconds(120))
        } _: { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat(plainRequest)
                let response = try await client.response()
                #expect(response.status == 503)
                #expect(response.body.contains("unreachable"))
                #expect(response.header("x-gateway-attempts") == "3")
            }
            #expect(await gateway.service.upstreamStatistics().failedToOpen == 2)
        }
    }

    @Test(arguments: [
        (429, #"{"code":"Throttling.RateQuota","message":"m"}"#),
        (500, #"{"code":"InternalError.Algo","message":"m"}"#),
        (503, #"{"code":"ModelUnavailable","message":"m"}"#), (400, #"{"code":"InvalidParameter","message":"m"}"#),
    ])
    func refusalsOfAModelDoNotOpenTheBreaker(status: Int, body: String) async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.json(status, body) }
        try await GatewayUnderTest.run(upstream: upstream) {
            $0.upstream.breaker = .init(consecutiveFailures: 1)
        } _: { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                for _ in 0..<3 {
                    try await client.sendChat(plainRequest)
                    #expect(try await client.response().status == status)
                }
            }
            #expect(await gateway.service.upstreamStatistics().breakerOpenings == 0)
        }
    }

    @Test(arguments: [true, false]) func connectionsAreReplacedAtTheirAge(isOld: Bool) async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.answer("hello") }
        try await GatewayUnderTest.run(upstream: upstream) {
            if isOld { $0.upstream.maximumConnectionAge = .zero }
        } _: { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                for _ in 0..<3 {
                    try await client.sendChat(plainRequest)
                    #expect(try await client.response().status == 200)
                }
            }
            let statistics = await gateway.service.upstreamStatistics()
            #expect(statistics.opened == (isOld ? 3 : 1))
            #expect(statistics.retired == (isOld ? 3 : 0))
            #expect(statistics.idle == (isOld ? 0 : 1))
            #expect(statistics.active == 0)
        }
    }

    @Test func theOperatorsHeadersAreSent() async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.answer("hello") }
        let team = try UpstreamHeader(name: "X-Team", value: "blue")
        let inspection = try UpstreamHeader(name: "X-DashScope-DataInspection", value: "off")
        try await GatewayUnderTest.run(upstream: upstream) {
            $0.upstream.headers = [team, inspection]
            $0.upstream.workspace = "ws-default"
        } _: { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat(plainRequest)
                _ = try await client.response()
                try await client.sendChat(plainRequest, headers: "x-dashscope-workspace: ws-own\r\n")
                _ = try await client.response()
            }
        }
        #expect(upstream.requests.map { $0.headers["x-dashscope-workspace"] } == [["ws-default"], ["ws-own"]])
        #expect(upstream.requests.map { $0.headers["x-team"] } == [["blue"], ["blue"]])
        #expect(upstream.requests.map { $0.headers["x-dashscope-datainspection"] } == [["off"], ["off"]])
    }
}
