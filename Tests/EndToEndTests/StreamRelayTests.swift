import HTTPServing
import NIOCore
import NIOHTTP1
import Synchronization
import Testing
import Upstream

@testable import Gateway

private let streamRequest = #"{"model":"qwen-plus","stream":true,"messages":[{"role":"user","content":"hi"}]}"#
/// A model that only streams; its answer is folded.
private let foldedRequest = #"{"model":"qwq-plus","messages":[{"role":"user","content":"hi"}]}"#
private let plainRequest = #"{"model":"qwen-plus","messages":[{"role":"user","content":"hi"}]}"#

@Suite(.timeLimit(.minutes(15)))
struct StreamRelayTests {
    @Test func theFirstChunkLeavesBeforeTheSecondExists() async throws {
        let clientHasFirst = Signal()
        let upstream = ScriptedUpstream { _, writer in
            try await writer.startEvents()
            try await writer.event("one")
            await clientHasFirst.wait()
            try await writer.event("two", finish: "stop", id: 2)
            try await writer.finish()
        }
        try await GatewayUnderTest.run(upstream: upstream) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat(streamRequest)
                let head = try await client.head()
                #expect(head.status == 200)
                #expect(head.first("content-type") == "text/event-stream; charset=utf-8")
                #expect(head.first("x-request-id") == "up-1")
                let first = try await client.read(until: "one")
                #expect(!first.contains("two"))
                clientHasFirst.fire()
                let rest = try await client.read(until: "[DONE]")
                #expect(rest.contains("two"))
                #expect(rest.hasSuffix("data: [DONE]\n\n"))
            }
        }
    }

    @Test func aRefusalAsFirstEventKeepsItsStatus() async throws {
        let upstream = ScriptedUpstream { _, writer in
            try await writer.startEvents()
            try await writer.errorEvent(
                status: 429,
                code: "Throttling.RateQuota",
                message: "Requests rate limit exceeded"
            )
            try await writer.finish()
        }
        try await GatewayUnderTest.run(upstream: upstream) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat(streamRequest)
                let response = try await client.response()
                #expect(response.status == 429)
                #expect(response.body.contains("\"rate_limit_exceeded\""))
                #expect(response.header("x-request-id") == "up-1")
            }
        }
    }

    @Test func textBeforeARefusalIsSentWhetherOrNotBothCameInOneRead() async throws {
        let upstream = ScriptedUpstream { _, writer in
            try await writer.startEvents()
            try await writer.write(
                ByteBuffer(
                    string: "id:1\nevent:result\n:HTTP_STATUS/200\ndata:{\"output\":{\"choices\":[{\"message\":"
                        + "{\"content\":\"half\",\"role\":\"assistant\"},\"finish_reason\":\"null\"}]},"
                        + "\"request_id\":\"up-1\"}\n\nid:2\nevent:error\n:HTTP_STATUS/400\n"
                        + "data:{\"code\":\"DataInspectionFailed\",\"message\":\"Output data may contain "
                        + "inappropriate content.\",\"request_id\":\"up-1\"}\n\n"
                )
            )
            try await writer.finish()
        }
        try await GatewayUnderTest.run(upstream: upstream) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat(streamRequest)
                let response = try await client.response()
                #expect(response.status == 200)
                #expect(response.body.contains("half"))
                #expect(response.body.contains("\"content_filter\""))
                #expect(!response.body.contains("[DONE]"))
            }
        }
    }

    @Test func anUpstreamThatDiesMidStreamBecomesAnErrorEvent() async throws {
        let upstream = ScriptedUpstream { _, writer in
            try await writer.startEvents()
            try await writer.event("half")
            await writer.abort()
        }
        try await GatewayUnderTest.run(upstream: upstream) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat(streamRequest)
                let response = try await client.response()
                #expect(response.status == 200)
                #expect(response.body.contains("half"))
                #expect(response.body.contains("data: {\"error\":{"))
                #expect(!response.body.contains("[DONE]"))
            }
        }
    }

    // MARK: - The end

    /// Upstream ends its answer only when the client has seen the end of its own.
    @Test(arguments: [streamRequest, plainRequest, foldedRequest])
    func theEndDoesNotWaitForUpstreamsConnection(request: String) async throws {
        let clientIsDone = Signal()
        let calls = Atomic<Int>(0)
        let upstream = ScriptedUpstream { _, writer in
            try await writer.startEvents()
            try await writer.event("one", finish: "stop")
            if calls.add(1, ordering: .relaxed).oldValue == 0 { await clientIsDone.wait() }
            try await writer.finish()
        }
        try await GatewayUnderTest.run(upstream: upstream, workers: 1) {
            $0.upstream.drainTimeout = .minutes(10)
        } _: { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat(request)
                let response = try await client.response()
                #expect(response.body.contains("one"))
                #expect(response.body.contains("\"finish_reason\":\"stop\""))
                if request == streamRequest { #expect(response.body.hasSuffix("data: [DONE]\n\n")) }
                clientIsDone.fire()
                // The rest was read in vain, and the connection serves the next call.
                try await eventually { await gateway.service.upstreamStatistics().idle != 0 }
                try await client.sendChat(request)
                #expect(try await client.response().status == 200)
            }
            #expect(await gateway.service.upstreamStatistics().opened == 1)
        }
    }

    @Test func withoutUsageTheEndWaitsForItAShortWhile() async throws {
        let over = Signal()
        let upstream = ScriptedUpstream { _, writer in
            try await writer.startEvents()
            try await writer.write(
                ByteBuffer(
                    string: #"data:{"output":{"choices":[{"message":{"content":"one","role":"assistant"},"#
                        + #""finish_reason":"stop"}]},"request_id":"up-1"}"# + "\n\n"
                )
            )
            await over.wait()
        }
        try await GatewayUnderTest.run(upstream: upstream) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat(streamRequest)
                let response = try await client.response()
                #expect(response.body.contains("\"finish_reason\":\"stop\""))
                #expect(response.body.hasSuffix("data: [DONE]\n\n"))
            }
            over.fire()
        }
    }

    @Test func usageThatComesLaterIsWaitedFor() async throws {
        let over = Signal()
        let upstream = ScriptedUpstream { _, writer in
            try await writer.startEvents()
            try await writer.write(
                ByteBuffer(
                    string: #"data:{"output":{"choices":[{"message":{"content":"one","role":"assistant"},"#
                        + #""finish_reason":"stop"}]},"request_id":"up-1"}"# + "\n\n"
                )
            )
            try await writer.write(
                ByteBuffer(
                    string: #"data:{"output":{"choices":[]},"usage":{"input_tokens":4,"output_tokens":5}}"# + "\n\n"
                )
            )
            await over.wait()
        }
        try await GatewayUnderTest.run(upstream: upstream) {
            $0.stream.finishGrace = .minutes(10)
        } _: { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat(
                    streamRequest.replacing(
                        "{\"model\"",
                        with: "{\"stream_options\":{\"include_usage\":true},\"model\""
                    )
                )
                let response = try await client.response()
                #expect(response.body.contains("\"completion_tokens\":5"))
                #expect(response.body.hasSuffix("data: [DONE]\n\n"))
            }
            over.fire()
        }
    }

    /// What does not end is not read for ever.
    @Test func aConnectionWhoseAnswerDoesNotEndIsClosed() async throws {
        let upstream = ScriptedUpstream { _, writer in
            try await writer.startEvents()
            try await writer.event("one", finish: "stop")
            let more = ByteBuffer(repeating: 0x20, count: 8192)
            while true { try await writer.write(more) }
        }
        try await GatewayUnderTest.run(upstream: upstream) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat(streamRequest)
                #expect(try await client.response().body.hasSuffix("data: [DONE]\n\n"))
            }
            try await eventually { await gateway.upstream.connectionCount() == 0 }
        }
    }

    @Test func aStreamThatEndsEarlyIsNotCalledComplete() async throws {
        let upstream = ScriptedUpstream { _, writer in
            try await writer.startEvents()
            try await writer.event("half")
            try await writer.finish()
        }
        try await GatewayUnderTest.run(upstream: upstream) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat(streamRequest)
                let response = try await client.response()
                #expect(response.body.contains("data: {\"error\":{"))
                #expect(!response.body.contains("[DONE]"))
                #expect(!response.body.contains("\"stop\""))
            }
        }
    }

    @Test(arguments: [streamRequest, plainRequest]) func aClientThatLeavesCancelsUpstream(request: String) async throws
    {
        let started = Signal()
        let cancelled = Signal()
        let upstream = ScriptedUpstream { request, writer in
            if request.headers.contains(name: "x-dashscope-sse") {
                try await writer.startEvents()
                try await writer.event("one")
            }
            started.fire()
            await withTaskCancellationHandler {
                await cancelled.wait()
            } onCancel: {
                cancelled.fire()
            }
        }
        try await GatewayUnderTest.run(upstream: upstream) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat(request)
                await started.wait()
            }
            await cancelled.wait()
        }
    }

    @Test func silenceIsFilledWithComments() async throws {
        let commentSeen = Signal()
        let upstream = ScriptedUpstream { _, writer in
            await commentSeen.wait()
            try await writer.startEvents()
            try await writer.event("late", finish: "stop")
            try await writer.finish()
        }
        try await GatewayUnderTest.run(upstream: upstream) {
            $0.stream.keepAliveInterval = .milliseconds(20)
        } _: { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat(streamRequest)
                #expect(try await client.head().status == 200)
                let first = try await client.read(until: ": keep-alive\n\n")
                #expect(first.hasPrefix(": keep-alive\n\n"))
                commentSeen.fire()
                #expect(try await client.read(until: "[DONE]").contains("late"))
            }
        }
    }

    @Test func aSilentUpstreamTimesOut() async throws {
        let over = Signal()
        let upstream = ScriptedUpstream { _, _ in await over.wait() }
        try await GatewayUnderTest.run(upstream: upstream) {
            $0.upstream.firstEventTimeout = .milliseconds(50)
            $0.stream.keepAliveInterval = .milliseconds(20)
        } _: { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat(plainRequest)
                let response = try await client.response()
                #expect(response.status == 504)
                #expect(response.body.contains("\"timeout\""))
            }
            over.fire()
        }
    }

    @Test func anUpstreamThatStopsMidStreamTimesOut() async throws {
        let over = Signal()
        let upstream = ScriptedUpstream { _, writer in
            try await writer.startEvents()
            try await writer.event("half")
            await over.wait()
        }
        try await GatewayUnderTest.run(upstream: upstream) {
            $0.upstream.idleTimeout = .milliseconds(50)
            $0.stream.keepAliveInterval = .milliseconds(20)
        } _: { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat(streamRequest)
                let response = try await client.response()
                #expect(response.status == 200)
                #expect(response.body.contains("half"))
                #expect(response.body.contains("DashScope stopped sending."))
                #expect(!response.body.contains("[DONE]"))
            }
            over.fire()
        }
        #expect(upstream.requests.count == 1)
    }

    @Test func theWholeRequestIsBounded() async throws {
        let over = Signal()
        let upstream = ScriptedUpstream { _, _ in await over.wait() }
        try await GatewayUnderTest.run(upstream: upstream) {
            $0.upstream.totalTimeout = .milliseconds(50)
            $0.stream.keepAliveInterval = .milliseconds(20)
        } _: { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat(plainRequest)
                let response = try await client.response()
                #expect(response.status == 504)
                #expect(response.body.contains("longer than the gateway allows"))
            }
            over.fire()
        }
        #expect(upstream.requests.count <= 1, "nothing is repeated")
    }

    @Test func aReaderThatStopsStopsUpstream() async throws {
        let written = Atomic<Int>(0)
        let text = String(repeating: "x", count: 60_000)
        let total = 1000
        let upstream = ScriptedUpstream { _, writer in
            try await writer.startEvents()
            for _ in 0..<total {
                try await writer.event(text)
                written.add(1, ordering: .relaxed)
            }
            try await writer.event("", finish: "stop")
            try await writer.finish()
        }
        try await GatewayUnderTest.run(upstream: upstream) { gateway in
            try await TestConnection.open(port: gateway.port, receiveBuffer: 16_384) { client in
                try await client.sendChat(streamRequest)
                _ = try await client.head()
                // Upstream has stopped when its count stays the same while another request is answered many times.
                var last = -1
                while last != written.load(ordering: .relaxed) || last == 0 {
                    last = written.load(ordering: .relaxed)
                    for _ in 0..<50 {
                        try await TestConnection.open(port: gateway.port) { other in
                            try await other.send("GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
                            #expect(try await other.response().status == 200)
                        }
                    }
                }
                #expect(last < total / 2)
                var length = 0
                while let piece = try await client.piece() { length += piece.utf8.count }
                #expect(length > total * text.utf8.count)
                #expect(written.load(ordering: .relaxed) == total)
            }
        }
    }
}
