import DashScopeEmulator
import Foundation
import HTTPServing
import NIOCore
import NIOHTTP1
import Testing

@testable import Gateway

/// `POST /v1/embeddings` and `/v1/rerank` from the client to upstream and back.
@Suite(.timeLimit(.minutes(15)))
struct EmbeddingsTests {
    private func ask(
        _ json: String,
        path: String = "/v1/embeddings",
        upstream: any HTTPResponding = DashScopeEmulator(),
        configure: (inout GatewayConfiguration) -> Void = { _ in }
    ) async throws -> TestConnection.Response {
        try await GatewayUnderTest.answer(to: json, at: path, upstream: upstream, configure: configure)
    }

    private func document(_ response: TestConnection.Response) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(response.body.utf8)) as? [String: Any])
    }

    private static let many: String = {
        let texts = (0..<37).map { "\"text number \($0)\"" }.joined(separator: ",")
        return #"{"model":"text-embedding-v4","dimensions":64,"input":[\#(texts)]}"#
    }()

    /// The order of the inputs is kept, although upstream answers parts in any order and shuffles the vectors.
    @Test func aLongListIsAnsweredInItsOrder() async throws {
        let response = try await ask(Self.many)
        #expect(response.status == 200)
        let data = try #require(try document(response)["data"] as? [[String: Any]])
        #expect(data.compactMap { $0["index"] as? Int } == Array(0..<37))
        let alone = try await ask(#"{"model":"text-embedding-v4","dimensions":64,"input":"text number 23"}"#)
        let single = try #require(try document(alone)["data"] as? [[String: Any]])
        #expect(data[23]["embedding"] as? [Double] == single[0]["embedding"] as? [Double])
        #expect((data[23]["embedding"] as? [Double])?.count == 64)
    }

    @Test func base64IsThatOfTheNumbers() async throws {
        let request = #"{"model":"text-embedding-v4","input":["a","b"],"encoding_format":"FORMAT"}"#
        let floats = try document(try await ask(request.replacing("FORMAT", with: "float")))["data"] as? [[String: Any]]
        let texts = try document(try await ask(request.replacing("FORMAT", with: "base64")))["data"] as? [[String: Any]]
        for index in 0..<2 {
            let numbers = try #require(floats?[index]["embedding"] as? [Double])
            let text = try #require(texts?[index]["embedding"] as? String)
            #expect(numbers.map { Float($0) }.withUnsafeBytes { Data($0) } == Data(base64Encoded: text))
        }
    }

    @Test func theCallsRunSideBySideWithinTheSetting() async throws {
        let second = Signal()
        let upstream = ScriptedUpstream { request, writer in
            let body = String(buffer: request.body)
            // The first waits for the second: it would wait for ever if they came one after the other.
            if body.contains("number 0\"") { await second.wait() }
            if body.contains("number 10\"") { second.fire() }
            let count = body.components(separatedBy: "number").count - 1
            let items = (0..<count).map { #"{"embedding":[\#($0)],"text_index":\#($0)}"# }.joined(separator: ",")
            try await writer.json(
                200,
                #"{"output":{"embeddings":[\#(items)]},"usage":{"total_tokens":\#(count)},"request_id":"up-1"}"#
            )
        }
        let response = try await ask(Self.many, upstream: upstream) { $0.upstream.parallelCalls = 2 }
        #expect(response.status == 200)
        #expect(upstream.requests.count == 4)
        #expect(response.header("x-gateway-attempts") == nil)
        #expect((try document(response)["usage"] as? [String: Int])?["total_tokens"] == 37)
    }

    @Test func onePartThatFailsEndsTheWhole() async throws {
        let isWaiting = Signal()
        let upstream = ScriptedUpstream { request, writer in
            if String(buffer: request.body).contains("number 10\"") {
                await isWaiting.wait()
                return try await writer.json(
                    400,
                    #"{"code":"DataInspectionFailed","message":"Input data may contain inappropriate content.","request_id":"up-2"}"#
                )
            }
            isWaiting.fire()
            try await writer.waitForTheCaller()
        }
        let response = try await ask(Self.many, upstream: upstream) { $0.upstream.parallelCalls = 2 }
        #expect(response.status == 400)
        let error = try #require(try document(response)["error"] as? [String: Any])
        #expect((error["message"] as? String)?.hasPrefix("input[10] to input[19]: ") == true)
        #expect(error["code"] as? String == "content_filter")
        #expect(upstream.requests.count == 2)
    }

    /// Each of the four calls is refused once.
    @Test func aPartIsRepeatedLikeAnyCall() async throws {
        let model = "text-embedding-v4-emulator-first-1-throttled"
        let response = try await ask(Self.many.replacing("text-embedding-v4", with: model))
        #expect(response.status == 200)
        #expect(response.header("x-gateway-attempts") == "5")
        #expect((try document(response)["data"] as? [Any])?.count == 37)
    }

    @Test func rerankInBothPlaces() async throws {
        let request =
            #"{"model":"qwen3-rerank","query":"red fruit","documents":["a blue sky",{"text":"a red fruit"},"fruit"],"top_n":2,"return_documents":true}"#
        for path in ["/v1/rerank", "/rerank"] {
            let response = try await ask(request, path: path)
            #expect(response.status == 200)
            let answer = try document(response)
            let results = try #require(answer["results"] as? [[String: Any]])
            #expect(results.map { $0["index"] as? Int } == [1, 2])
            #expect((results[0]["document"] as? [String: String]) == ["text": "a red fruit"])
            #expect((answer["id"] as? String)?.hasPrefix("rerank-") == true)
            #expect(((answer["usage"] as? [String: Int])?["total_tokens"] ?? 0) > 0)
        }
    }

    @Test func refusalsComeBeforeACall() async throws {
        let upstream = ScriptedUpstream { _, writer in try await writer.answer("hello") }
        let wrong = try await ask(#"{"model":"qwen-plus","input":"x"}"#, upstream: upstream)
        #expect(wrong.status == 400)
        #expect(wrong.body.contains(#""code":"model_not_supported""#))
        let tokens = try await ask(#"{"model":"text-embedding-v4","input":[1,2]}"#, upstream: upstream)
        #expect(tokens.body.contains("check_embedding_ctx_length=False"))
        #expect(upstream.requests.isEmpty)
    }
}
