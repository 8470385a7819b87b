import HTTPServing
import NIOCore
import NIOHTTP1
import Synchronization
import Testing
import Upstream

@testable import Gateway

private let plainRequest = #"{"model":"qwen-plus","messages":[{"role":"user","content":"hi"}]}"#
private let answering = ScriptedUpstream { _, writer in try await writer.answer("hello") }

@Suite(.timeLimit(.minutes(15)))
struct HTTPBehaviourTests {
    @Test func aMissingKeyIsRefusedBeforeTheBodyIsRead() async throws {
        try await GatewayUnderTest.run(upstream: answering) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                // The body never comes.
                try await client.send("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
                let response = try await client.response()
                #expect(response.status == 401)
                #expect(response.header("www-authenticate") == "Bearer")
                #expect(response.body.contains("\"invalid_request_error\""))
            }
        }
    }

    @Test(arguments: [
        "Basic abc", "Bearer", "Bearer ", "sk-without-scheme", "Bearer two words",
    ])
    func malformedKeysAreRefused(value: String) async throws {
        try await GatewayUnderTest.run(upstream: answering) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.send(
                    "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: \(value)\r\nContent-Length: 2\r\n\r\n{}"
                )
                let response = try await client.response()
                #expect(response.status == 401)
                #expect(response.body.contains("invalid_api_key"))
            }
        }
    }

    @Test func theKeyGoesUpstreamAsItCame() async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.answer("hello") }
        try await GatewayUnderTest.run(upstream: upstream) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat(plainRequest, headers: "X-DashScope-WorkSpace: ws-1\r\n")
                #expect(try await client.response().status == 200)
            }
        }
        let request = try #require(upstream.requests.first)
        #expect(request.headers.first(name: "authorization") == "Bearer sk-test")
        #expect(request.headers.first(name: "x-dashscope-workspace") == "ws-1")
        #expect(request.headers.first(name: "accept") == "application/json")
        #expect(request.path == "/api/v1/services/aigc/text-generation/generation")
    }

    @Test func aConnectionServesManyRequests() async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.answer("hello") }
        try await GatewayUnderTest.run(upstream: upstream) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                for _ in 0..<20 {
                    try await client.sendChat(plainRequest)
                    let response = try await client.response()
                    #expect(response.status == 200)
                    #expect(response.body.contains("hello"))
                }
                #expect(await gateway.upstream.connectionCount() == 1)
            }
        }
        #expect(upstream.requests.count == 20)
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
        try await GatewayUnderTest.run(upstream: answering) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                let health = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
                let chat =
                    "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k\r\n"
                    + "Content-Length: \(plainRequest.utf8.count)\r\n\r\n\(plainRequest)"
                try await client.send(chat + health + chat + health)
                for expected in ["hello", "healthy", "hello", "healthy"] {
                    #expect(try await client.response().body.contains(expected))
                }
            }
        }
    }

    @Test func aChunkedBodyIsTaken() async throws {
        try await GatewayUnderTest.run(upstream: answering) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.send(
                    "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n"
                )
                for character in plainRequest { try await client.send("1\r\n\(character)\r\n") }
                try await client.send("0\r\n\r\n")
                #expect(try await client.response().status == 200)
            }
        }
    }

    @Test func anExpectationIsAnswered() async throws {
        try await GatewayUnderTest.run(upstream: answering) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.send(
                    "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k\r\nExpect: 100-continue\r\n"
                        + "Content-Length: \(plainRequest.utf8.count)\r\n\r\n"
                )
                // The parser of the test skips the interim answer; the body goes out afterwards.
                try await client.send(plainRequest)
                #expect(try await client.response().status == 200)
            }
        }
    }

    @Test func oldClientsGetAnAnswerThatEndsWithTheConnection() async throws {
        let upstream = ScriptedUpstream { _, writer in
            try await writer.startEvents()
            try await writer.event("hello", finish: "stop")
            try await writer.finish()
        }
        let stream = #"{"model":"qwen-plus","stream":true,"messages":[{"role":"user","content":"hi"}]}"#
        try await GatewayUnderTest.run(upstream: upstream) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.send(
                    "POST /v1/chat/completions HTTP/1.0\r\nAuthorization: Bearer k\r\n"
                        + "Content-Length: \(stream.utf8.count)\r\n\r\n\(stream)"
                )
                let response = try await client.response()
                #expect(response.status == 200)
                #expect(response.header("transfer-encoding") == nil)
                #expect(response.body.hasSuffix("data: [DONE]\n\n"))
            }
        }
    }

    @Test func aBodyOverTheLimitIsRefused() async throws {
        try await GatewayUnderTest.run(upstream: answering) {
            $0.server.maximumBodyBytes = 2000
        } _: { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat(String(repeating: " ", count: 2001))
                let response = try await client.response()
                #expect(response.status == 413)
                #expect(response.body.contains("request_too_large"))
            }
            try await TestConnection.open(port: gateway.port) { client in
                try await client.send(
                    "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n"
                )
                try await client.send("800\r\n\(String(repeating: " ", count: 2048))\r\n")
                #expect(try await client.response().status == 413)
            }
        }
    }

    @Test func headersOverTheLimitAreRefused() async throws {
        try await GatewayUnderTest.run(upstream: answering) {
            $0.server.maximumHeaderBytes = 2000
        } _: { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.send("GET /health HTTP/1.1\r\nX: \(String(repeating: "y", count: 4000))\r\n\r\n")
                #expect(try await client.response().status == 431)
            }
        }
    }

    @Test func tooManyHeadersAreRefused() async throws {
        try await GatewayUnderTest.run(upstream: answering) {
            $0.server.maximumHeaderFields = 20
        } _: { gateway in
            for (count, status) in [(19, 200), (20, 431)] {
                try await TestConnection.open(port: gateway.port) { client in
                    let fields = String(repeating: "X-Y: z\r\n", count: count)
                    try await client.send("GET /health HTTP/1.1\r\nHost: x\r\n\(fields)\r\n")
                    let response = try await client.response()
                    #expect(response.status == status)
                    #expect(response.body.contains("more than 20 header fields") == (status == 431))
                }
            }
        }
    }

    @Test(arguments: ["QUERY", "FOO", "M-UNHEARD-OF"])
    func anUnknownMethodIsNamedAsSuch(method: String) async throws {
        try await GatewayUnderTest.run(upstream: answering) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                // What follows may be its body, or a request: it is not answered.
                try await client.send(
                    "\(method) /health HTTP/1.1\r\nHost: x\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\n\r\n"
                )
                let response = try await client.response()
                #expect(response.status == 405)
                #expect(response.header("allow") == "GET, HEAD, POST, DELETE, OPTIONS")
                #expect(response.header("connection") == "close")
                #expect(response.body.contains("\"method_not_supported\""))
                await #expect(throws: (any Error).self) { try await client.response() }
            }
        }
    }

    @Test(arguments: [
        "nonsense\r\n\r\n",
        "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n",
        "FOO /health HTTP/1.1\r\nbad header\r\n\r\n",
        "GET /health HTTP/1.1\r\nbad header\r\n\r\n",
        "POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        "POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n",
    ])
    func whatIsNoHTTPIsRefused(text: String) async throws {
        try await GatewayUnderTest.run(upstream: answering) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.send(text)
                #expect(try await client.response().status == 400)
            }
        }
    }

    @Test func aBodyThatNeverComesTimesOut() async throws {
        try await GatewayUnderTest.run(upstream: answering) {
            $0.server.bodyTimeout = .milliseconds(200)
        } _: { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.send(
                    "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k\r\nContent-Length: 9\r\n\r\n{"
                )
                #expect(try await client.response().status == 408)
            }
        }
    }

    @Test func tooManyOpenRequestsAreRefusedAndPermitsComeBack() async throws {
        let release = Signal()
        let upstream = ScriptedUpstream { _, writer in
            await release.wait()
            try await writer.answer("hello")
        }
        try await GatewayUnderTest.run(upstream: upstream) {
            $0.server.maximumOpenRequests = 1
        } _: { gateway in
            try await TestConnection.open(port: gateway.port) { first in
                try await first.sendChat(plainRequest)
                try await eventually { gateway.service.openRequestCount != 0 }
                try await TestConnection.open(port: gateway.port) { second in
                    try await second.sendChat(plainRequest)
                    let response = try await second.response()
                    #expect(response.status == 503)
                    #expect(response.header("retry-after") == "1")
                }
                release.fire()
                #expect(try await first.response().status == 200)
            }
            #expect(gateway.service.openRequestCount == 0)
            try await TestConnection.open(port: gateway.port) { third in
                try await third.sendChat(plainRequest)
                #expect(try await third.response().status == 200)
            }
        }
    }

    @Test func browsersMayAsk() async throws {
        try await GatewayUnderTest.run(upstream: answering) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.send(
                    "OPTIONS /v1/chat/completions HTTP/1.1\r\nHost: x\r\nOrigin: https://app.example\r\n"
                        + "Access-Control-Request-Headers: authorization, x-stainless-os\r\n\r\n"
                )
                let preflight = try await client.response()
                #expect(preflight.status == 204)
                #expect(preflight.header("access-control-allow-origin") == "*")
                #expect(preflight.header("access-control-allow-headers") == "authorization, x-stainless-os")
                try await client.sendChat(plainRequest, headers: "Origin: https://app.example\r\n")
                #expect(try await client.response().header("access-control-allow-origin") == "*")
            }
        }
    }
}
