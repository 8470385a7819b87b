import DashScopeEmulator
import Foundation
import HTTPServing
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

@testable import Gateway

/// `POST /v1/completions` from the client to upstream and back.
@Suite(.timeLimit(.minutes(15)))
struct CompletionsTests {
    private func ask(
        _ members: String,
        model: String = "qwen-plus",
        upstream: any HTTPResponding = DashScopeEmulator(),
        configure: (inout GatewayConfiguration) -> Void = { _ in }
    ) async throws -> TestConnection.Response {
        try await GatewayUnderTest.answer(
            to: #"{"model":"\#(model)",\#(members)}"#,
            at: "/v1/completions",
            upstream: upstream,
            configure: configure
        )
    }

    private func document(_ text: String) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    /// The chunks of a stream, `[DONE]` left out.
    private func chunks(_ response: TestConnection.Response) throws -> [[String: Any]] {
        try response.body.components(separatedBy: "\n\n").filter { $0.hasPrefix("data: {") }
            .map { try document(String($0.dropFirst(6))) }
    }

    private func texts(_ choices: [[String: Any]]) -> [Int: String] {
        choices.reduce(into: [:]) { $0[$1["index"] as? Int ?? -1, default: ""] += $1["text"] as? String ?? "" }
    }

    @Test func promptsAreAnsweredInTheirOrder() async throws {
        let response = try await ask(#""prompt":["one","two","three"],"n":2,"echo":true"#)
        #expect(response.status == 200)
        let answer = try document(response.body)
        #expect(answer["object"] as? String == "text_completion")
        let choices = try #require(answer["choices"] as? [[String: Any]])
        #expect(choices.map { $0["index"] as? Int } == Array(0..<6))
        #expect(
            choices.map { $0["text"] as? String } == [
                "oneEcho: one", "oneEcho: one (choice 1)", "twoEcho: two", "twoEcho: two (choice 1)",
                "threeEcho: three", "threeEcho: three (choice 1)",
            ]
        )
        #expect(choices.allSatisfy { $0["logprobs"] is NSNull })
        let alone = try document(try await ask(#""prompt":"one","n":2"#).body)
        let tokens = ((answer["usage"] as? [String: Any])?["total_tokens"] as? Int) ?? 0
        #expect(tokens > ((alone["usage"] as? [String: Any])?["total_tokens"] as? Int) ?? .max)
    }

    @Test func aStreamOfSeveralPromptsIsTheWholeAnswerInPieces() async throws {
        let members = #""prompt":["one","two"],"n":2,"stream":true,"stream_options":{"include_usage":true}"#
        let response = try await ask(members)
        #expect(response.header("content-type") == "text/event-stream; charset=utf-8")
        let chunks = try chunks(response)
        let choices = chunks.compactMap { ($0["choices"] as? [[String: Any]])?.first }
        #expect(
            texts(choices) == [
                0: "Echo: one", 1: "Echo: one (choice 1)", 2: "Echo: two", 3: "Echo: two (choice 1)",
            ]
        )
        #expect(Set(chunks.map { $0["id"] as? String }).count == 1)
        #expect(choices.filter { $0["finish_reason"] as? String == "stop" }.count == 4)
        #expect((chunks.last?["choices"] as? [Any])?.isEmpty == true)
        #expect((chunks.last?["usage"] as? [String: Any])?["completion_tokens"] as? Int ?? 0 > 4)
        #expect(response.body.hasSuffix("data: [DONE]\n\n"))
    }

    @Test func theGapOfATextIsFilledIn() async throws {
        let response = try await ask(#""prompt":"def f(","suffix":"return x""#, model: "qwen-coder-turbo")
        let choices = try #require(try document(response.body)["choices"] as? [[String: Any]])
        #expect(choices[0]["text"] as? String == "/* from 6 to 8 characters */")
    }

    @Test func callsRunSideBySideAndTheirChunksAreNotHeldBack() async throws {
        let second = Signal()
        let upstream = ScriptedUpstream { request, writer in
            let isFirst = String(buffer: request.body).contains("\"one\"")
            // Neither ends before the other has begun.
            if isFirst { await second.wait() }
            try await writer.startEvents()
            try await writer.event(isFirst ? "first" : "second")
            second.fire()
            try await writer.event("", finish: "stop", id: 2)
            try await writer.finish()
        }
        let response = try await ask(#""prompt":["one","two"],"stream":true"#, upstream: upstream) {
            $0.upstream.parallelCalls = 2
        }
        let choices = try chunks(response).compactMap { ($0["choices"] as? [[String: Any]])?.first }
        #expect(texts(choices) == [0: "first", 1: "second"])
        #expect(choices.first?["index"] as? Int == 1)
        #expect(response.header("x-gateway-attempts") == nil)
    }

    @Test func theOtherPathIsTriedForEachPrompt() async throws {
        let response = try await ask(#""prompt":["one","two","three"]"#, model: "qwen-plus-emulator-wrong-path")
        #expect(response.status == 200)
        let choices = try #require(try document(response.body)["choices"] as? [[String: Any]])
        #expect(choices.map { $0["text"] as? String } == ["Echo: one", "Echo: two", "Echo: three"])
    }

    @Test func aRefusalNamesThePromptAndEndsTheOthers() async throws {
        let isWaiting = Signal()
        let upstream = ScriptedUpstream { request, writer in
            if String(buffer: request.body).contains("\"two\"") {
                await isWaiting.wait()
                return try await writer.json(
                    400,
                    #"{"code":"DataInspectionFailed","message":"Input data may contain inappropriate content.","request_id":"up-2"}"#
                )
            }
            isWaiting.fire()
            try await writer.waitForTheCaller()
        }
        for stream in ["true", "false"] {
            let response = try await ask(#""prompt":["one","two"],"stream":\#(stream)"#, upstream: upstream)
            #expect(response.status == 400)
            let error = try #require(try document(response.body)["error"] as? [String: Any])
            #expect((error["message"] as? String)?.hasPrefix("prompt[1]: ") == true)
            #expect(error["code"] as? String == "content_filter")
        }
    }

    @Test func whatUpstreamSaysOfMessagesIsSaidOfThePrompt() async throws {
        let response = try await ask(#""prompt":"one""#, model: "qwen-plus-emulator-refuses-sse-400")
        #expect(response.status == 400)
        #expect((try document(response.body)["error"] as? [String: Any])?["param"] as? String == "prompt")
    }

    @Test func aStreamThatDiesEndsWithAnError() async throws {
        let upstream = ScriptedUpstream { request, writer in
            try await writer.startEvents()
            try await writer.event("begun")
            if String(buffer: request.body).contains("\"two\"") { return await writer.abort() }
            try await writer.waitForTheCaller()
        }
        let response = try await ask(#""prompt":["one","two"],"stream":true"#, upstream: upstream)
        #expect(response.status == 200)
        let last = try #require(try chunks(response).last)
        #expect((last["error"] as? [String: Any])?["message"] as? String != nil)
        #expect(!response.body.contains("[DONE]"))
    }

    /// An upstream that says all and does not end its answer keeps nobody waiting.
    @Test func theEndOfUpstreamsAnswerIsNotAwaited() async throws {
        let upstream = ScriptedUpstream { _, writer in
            try await writer.startEvents()
            try await writer.event("all", finish: "stop")
            try await writer.waitForTheCaller()
        }
        let response = try await ask(#""prompt":"one","stream":true"#, upstream: upstream)
        #expect(response.body.hasSuffix("data: [DONE]\n\n"))
    }

    @Test func usageThatNeverComesIsNotAwaitedForLong() async throws {
        let upstream = ScriptedUpstream { _, writer in
            try await writer.startEvents()
            try await writer.write(
                ByteBuffer(
                    string: "data:{\"output\":{\"choices\":[{\"message\":{\"content\":\"all\"},"
                        + "\"finish_reason\":\"stop\"}]},\"request_id\":\"up-1\"}\n\n"
                )
            )
            try await writer.waitForTheCaller()
        }
        let response = try await ask(#""prompt":["one","two"],"stream":true"#, upstream: upstream) {
            $0.stream.finishGrace = .milliseconds(10)
        }
        #expect(response.body.hasSuffix("data: [DONE]\n\n"))
    }

    @Test func aSlowReaderGetsEverything() async throws {
        try await GatewayUnderTest.run(upstream: DashScopeEmulator()) { gateway in
            try await TestConnection.open(port: gateway.port, receiveBuffer: 4096) { client in
                try await client.sendJSON(
                    #"{"model":"qwen-plus-emulator-fast-4000","prompt":["one","two"],"stream":true}"#,
                    to: "/v1/completions"
                )
                let choices = try chunks(try await client.response())
                    .compactMap { ($0["choices"] as? [[String: Any]])?.first }
                let numbers = (0..<4000).map { "\($0) " }.joined()
                #expect(texts(choices) == [0: numbers, 1: numbers])
            }
        }
    }

    @Test func aClientThatLeavesEndsAllCalls() async throws {
        let ended = Mutex(0)
        let upstream = ScriptedUpstream { _, writer in
            // The client may have left before the second call began to answer.
            defer { ended.withLock { $0 += 1 } }
            try await writer.startEvents()
            try await writer.event("begun")
            try await writer.waitForTheCaller()
        }
        try await GatewayUnderTest.run(upstream: upstream) { gateway in
            try await TestConnection.open(port: gateway.port) { client in
                try await client.sendJSON(
                    #"{"model":"qwen-plus","prompt":["one","two"],"stream":true}"#,
                    to: "/v1/completions"
                )
                _ = try await client.head()
                try await eventually { upstream.requests.count == 2 }
            }
            try await eventually { ended.withLock { $0 } == 2 && gateway.service.openRequestCount == 0 }
        }
    }

    @Test func whatIsWrongIsSaidBeforeACall() async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.answer("hello") }
        for (members, param) in [
            (#""prompt":[1,2]"#, "prompt"), (#""prompt":null"#, "prompt"), (#""prompt":"a","suffix":"b""#, "suffix"),
        ] {
            let response = try await ask(members, upstream: upstream)
            #expect(response.status == 400)
            #expect((try document(response.body)["error"] as? [String: Any])?["param"] as? String == param)
        }
        #expect(upstream.requests.isEmpty)
    }
}
