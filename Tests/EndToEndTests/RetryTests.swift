import DashScopeEmulator
import HTTPServing
import NIOCore
import NIOHTTP1
import Synchronization
import Telemetry
import Testing
import Upstream

@testable import Gateway

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

private let streamRequest = #"{"model":"qwen-plus","stream":true,"messages":[{"role":"user","content":"hi"}]}"#
private let plainRequest = #"{"model":"qwen-plus","messages":[{"role":"user","content":"hi"}]}"#
private let throttled = #"{"code":"Throttling.RateQuota","message":"Requests rate limit exceeded","request_id":"up-1"}"#
private let unavailable = #"{"code":"ModelUnavailable","message":"Model is unavailable","request_id":"up-1"}"#

/// An upstream that fails as `failure` says a number of times, and answers then.
private func failing(
    _ times: Int,
    then answer: String = "hello",
    _ failure: @escaping ScriptedUpstream.Script
) -> ScriptedUpstream {
    let count = Atomic<Int>(0)
    return ScriptedUpstream { request, writer in
        if count.add(1, ordering: .relaxed).newValue <= times { return try await failure(request, writer) }
        guard request.headers.contains(name: "x-dashscope-sse") else { return try await writer.answer(answer) }
        try await writer.startEvents()
        try await writer.event(answer, finish: "stop")
        try await writer.finish()
    }
}

extension ResponseWriter {
    fileprivate func refuse(_ status: Int, _ text: String, headers: Headers = []) async throws {
        try await send(
            status: status,
            headers: [("Content-Type", "application/json")] + headers,
            body: ByteBuffer(string: text)
        )
    }
}

@Suite(.timeLimit(.minutes(15)))
struct RetryTests {
    /// What an SDK does with two retries of its own.
    @Test(arguments: [(503, unavailable, 5), (429, throttled, 4)])
    func retriesOfTheSDKAndOursDoNotMultiply(status: Int, refusal: String, calls: Int) async throws {
        let upstream = failing(.max) { _, writer in try await writer.refuse(status, refusal) }
        try await GatewayUnderTest.run(upstream: upstream) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                for retry in 0..<3 {
                    try await client.sendChat(plainRequest, headers: "x-stainless-retry-count: \(retry)\r\n")
                    let response = try await client.response()
                    #expect(response.status == status)
                    #expect(response.header("x-should-retry") == "true")
                }
            }
        }
        #expect(upstream.requests.count == calls)
    }

    /// Sends one request and returns its answer.
    private func ask(
        _ request: String,
        of upstream: ScriptedUpstream,
        configure: (inout GatewayConfiguration) -> Void = { _ in }
    ) async throws -> TestConnection.Response {
        try await GatewayUnderTest.run(upstream: upstream, configure: configure) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat(request)
                return try await client.response()
            }
        }
    }

    @Test(arguments: [streamRequest, plainRequest]) func aThrottledCallIsRepeated(request: String) async throws {
        let upstream = failing(1) { _, writer in try await writer.refuse(429, throttled) }
        let response = try await ask(request, of: upstream)
        #expect(response.status == 200)
        #expect(response.body.contains("hello"))
        #expect(response.header("x-gateway-attempts") == "2")
        #expect(upstream.requests.map(\.body) == [upstream.requests[0].body, upstream.requests[0].body])
    }

    @Test func aCallThatNeedsNoRetryDoesNotSpeakOfAttempts() async throws {
        let response = try await ask(plainRequest, of: failing(0) { _, _ in })
        #expect(response.header("x-gateway-attempts") == nil)
    }

    @Test func aRefusalAsFirstEventIsRepeated() async throws {
        let upstream = failing(1) { _, writer in
            try await writer.startEvents()
            try await writer.errorEvent(status: 503, code: "ModelUnavailable", message: "Model is unavailable")
            // What follows belongs to the failed call.
            try await writer.event("stale", finish: "stop")
            try await writer.finish()
        }
        let response = try await ask(streamRequest, of: upstream)
        #expect(response.status == 200)
        #expect(response.body.contains("hello"))
        #expect(!response.body.contains("stale"))
        #expect(!response.body.contains("error"))
        #expect(upstream.requests.count == 2)
    }

    @Test func aLimitThatStaysIsPassedOn() async throws {
        let upstream = failing(9) { _, writer in
            try await writer.refuse(429, throttled, headers: [("retry-after-ms", "1")])
        }
        let response = try await ask(plainRequest, of: upstream)
        #expect(response.status == 429)
        #expect(response.header("retry-after") == "1")
        #expect(response.header("x-gateway-attempts") == "2")
        #expect(upstream.requests.count == 2)
    }

    @Test func anOverloadedModelIsAskedUpToTheLimit() async throws {
        let upstream = failing(9) { _, writer in try await writer.refuse(503, unavailable) }
        let response = try await ask(plainRequest, of: upstream)
        #expect(response.status == 503)
        #expect(response.header("x-gateway-attempts") == "3")
        #expect(upstream.requests.count == 3)
        let single = failing(9) { _, writer in try await writer.refuse(503, unavailable) }
        let answer = try await ask(plainRequest, of: single) { $0.upstream.retry.maximumAttempts = 1 }
        #expect(answer.status == 503)
        #expect(single.requests.count == 1)
    }

    @Test(arguments: [
        (400, #"{"code":"InvalidParameter","message":"Range of top_p should be (0.0, 1.0]"}"#),
        (401, #"{"code":"InvalidApiKey","message":"Invalid API-key provided."}"#),
        (500, #"{"code":"RequestTimeOut","message":"Request timed out"}"#), (504, ""), (502, "<html></html>"),
    ])
    func whatMayHaveRunOrWouldFailAgainIsNotRepeated(status: Int, body: String) async throws {
        let upstream = failing(1) { _, writer in try await writer.refuse(status, body) }
        #expect(try await ask(plainRequest, of: upstream).status >= 400)
        #expect(upstream.requests.count == 1)
    }

    @Test func aWaitThatIsTooLongIsPassedOnAtOnce() async throws {
        let upstream = failing(1) { _, writer in
            try await writer.refuse(429, throttled, headers: [("retry-after", "3600")])
        }
        let response = try await ask(plainRequest, of: upstream)
        #expect(response.status == 429)
        #expect(response.header("retry-after") == "3600")
        #expect(upstream.requests.count == 1)
    }

    @Test func upstreamsWordAgainstARetryCounts() async throws {
        let upstream = failing(1) { _, writer in
            try await writer.refuse(503, unavailable, headers: [("x-should-retry", "false")])
        }
        let response = try await ask(plainRequest, of: upstream)
        #expect(response.status == 503)
        #expect(response.header("x-should-retry") == "false")
        #expect(upstream.requests.count == 1)
    }

    @Test func nothingIsRepeatedAfterText() async throws {
        let upstream = failing(1) { _, writer in
            try await writer.startEvents()
            try await writer.event("half")
            try await writer.errorEvent(status: 503, code: "ModelUnavailable", message: "Model is unavailable")
            try await writer.finish()
        }
        let response = try await ask(streamRequest, of: upstream)
        #expect(response.status == 200)
        #expect(response.body.contains("half"))
        #expect(response.body.contains("service_unavailable"))
        #expect(!response.body.contains("hello"))
        #expect(upstream.requests.count == 1)
    }

    @Test(arguments: [streamRequest, plainRequest]) func anAnswerThatWasCutIsNotRepeated(request: String) async throws {
        let upstream = failing(1) { _, writer in
            try await writer.start(status: 200, headers: [("Content-Type", "application/json")])
            try await writer.write(ByteBuffer(string: "{\"output\":"))
            await writer.abort()
        }
        #expect(try await ask(request, of: upstream).status == 502)
        #expect(upstream.requests.count == 1)
    }

    @Test func commentsKeepAStreamAliveAcrossARetry() async throws {
        let commented = Signal()
        let upstream = failing(1) { _, writer in
            await commented.wait()
            try await writer.refuse(503, unavailable)
        }
        try await GatewayUnderTest.run(upstream: upstream) {
            $0.stream.keepAliveInterval = .milliseconds(5)
        } _: { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat(streamRequest)
                #expect(try await client.head().status == 200)
                #expect(try await client.read(until: ":").hasPrefix(": keep-alive"))
                commented.fire()
                let rest = try await client.read(until: "[DONE]")
                #expect(rest.contains("hello"))
                #expect(!rest.contains("error"))
            }
        }
        #expect(upstream.requests.count == 2)
    }

    @Test func thePauseIsFilledWithComments() async throws {
        let upstream = failing(1) { _, writer in
            try await writer.refuse(429, throttled, headers: [("retry-after-ms", "200")])
        }
        let response = try await ask(streamRequest, of: upstream) { $0.stream.keepAliveInterval = .milliseconds(5) }
        #expect(response.body.hasPrefix(": keep-alive\n\n"))
        #expect(response.body.contains("hello"))
    }

    @Test func aFailureAfterCommentsIsAnEvent() async throws {
        let upstream = failing(9) { _, writer in
            try await writer.refuse(429, throttled, headers: [("retry-after-ms", "100")])
        }
        let response = try await ask(streamRequest, of: upstream) { $0.stream.keepAliveInterval = .milliseconds(5) }
        #expect(response.status == 200)
        #expect(response.body.contains("\"rate_limit_exceeded\""))
        #expect(!response.body.contains("[DONE]"))
        #expect(upstream.requests.count == 2)
    }

    @Test func aLargeBodyIsRepeatedWhole() async throws {
        let image = String(repeating: "QUJD", count: 2 << 20)
        let request =
            #"{"model":"qwen-vl-max","messages":[{"role":"user","content":[{"type":"image_url","image_url":"#
            + #"{"url":"data:image/png;base64,\#(image)"}},{"type":"text","text":"what?"}]}]}"#
        let upstream = failing(1) { _, writer in try await writer.refuse(503, unavailable) }
        #expect(try await ask(request, of: upstream).status == 200)
        #expect(upstream.requests.count == 2)
        #expect(upstream.requests[0].body.readableBytes > 8 << 20)
        #expect(upstream.requests[0].body == upstream.requests[1].body)
    }

    @Test func attemptsAreRecorded() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "attempts-\(UUID().uuidString).log")
        defer { try? FileManager.default.removeItem(at: file) }
        let upstream = failing(2) { _, writer in try await writer.refuse(503, unavailable) }
        try await GatewayUnderTest.run(upstream: upstream, log: LogWriter(path: file.path)) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat(plainRequest)
                #expect(try await client.response().status == 200)
            }
        }
        #expect(try String(contentsOf: file, encoding: .utf8).contains("\"attempts\":3"))
    }

    @Test func theOtherPathMayBeRepeatedToo() async throws {
        let urlError = #"{"code":"InvalidParameter","message":"url error, please check url！"}"#
        let refused = Atomic<Bool>(false)
        let upstream = ScriptedUpstream { request, writer in
            if request.path.contains("text-generation") { return try await writer.refuse(400, urlError) }
            if !refused.exchange(true, ordering: .relaxed) { return try await writer.refuse(429, throttled) }
            try await writer.answer("hello")
        }
        let response = try await ask(
            #"{"model":"brand-new-model","messages":[{"role":"user","content":"hi"}]}"#,
            of: upstream
        )
        #expect(response.status == 200)
        #expect(response.header("x-gateway-attempts") == "3")
    }

    @Test func aClientThatLeavesDuringThePauseIsForgotten() async throws {
        let upstream = failing(1) { _, writer in
            try await writer.refuse(429, throttled, headers: [("retry-after", "3000")])
        }
        try await GatewayUnderTest.run(upstream: upstream) {
            $0.stream.keepAliveInterval = .milliseconds(5)
            $0.upstream.retry.deadline = .hours(2)
            $0.upstream.totalTimeout = .hours(2)
        } _: { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendChat(streamRequest)
                _ = try await client.head()
                // The refusal has been read when its connection is free again.
                while await gateway.service.upstreamStatistics().idle == 0 {}
                #expect(gateway.service.openRequestCount == 1)
            }
            try await eventually { gateway.service.openRequestCount == 0 }
        }
        #expect(upstream.requests.count == 1)
    }

    @Test func everyAnswerBelongsToItsRequestWhateverWasRepeated() async throws {
        let faults = ["first-1-throttled", "first-2-503", "first-1-500", "first-1-refuses-first-event", "crlf"]
        let emulator = DashScopeEmulator(configuration: EmulatorConfiguration(eventDelay: .zero))
        try await GatewayUnderTest.run(upstream: emulator) { gateway in
            try await withThrowingTaskGroup(of: (Int, String, TestConnection.Response).self) { group in
                for index in 0..<60 {
                    let fault = faults[index % faults.count]
                    let stream = index.isMultiple(of: 2)
                    let request =
                        #"{"model":"qwen-plus-emulator-\#(fault)","stream":\#(stream),"messages":"#
                        + #"[{"role":"user","content":"[mark\#(index)]"}]}"#
                    group.addTask {
                        try await TestConnection.open(port: gateway.port) { client in
                            try await client.sendChat(request)
                            return (
                                fault.contains("refuses") ? 400 : 200, "[mark\(index)]", try await client.response()
                            )
                        }
                    }
                }
                for try await (status, mark, response) in group {
                    // One fault is a mistake in the request, which is told and not repeated.
                    #expect(response.status == status)
                    if status == 200 { #expect(text(of: response).contains(mark)) }
                }
            }
        }
    }

    /// The text of an answer, or of all chunks of one.
    private func text(of response: TestConnection.Response) -> String {
        var text = ""
        for part in response.body.split(separator: "\"content\":\"").dropFirst() { text += part.prefix { $0 != "\"" } }
        return text
    }
}
