import HTTPServing
import NIOCore
import NIOHTTP1

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A request in OpenAI's form, answered by the native operations.
struct CompatibleCall {
    /// Why a request has no answer.
    struct Failure: Error {
        var code: String
        var message: String
    }

    let model: String
    let body: JSON
    let owner: String
    /// Answers native requests.
    let answer: (HTTPRequest) -> EmulatorReply

    // MARK: Conversations

    func chat() throws(Failure) -> (requestID: String, body: JSON) {
        let isTest = model == BatchLine.testModel
        let named = isTest ? "qwen-plus" : model
        let path = ModelProfile(name: Fault.parse(named)?.base ?? named)?.path ?? .text
        var parameters: JSON = ["result_format": "message"]
        let others = ["model", "messages", "stream", "stream_options", "max_completion_tokens"]
        for member in body.members ?? [] where !others.contains(member.name) {
            parameters[member.name] = member.value
        }
        if let limit = body["max_completion_tokens"] { parameters["max_tokens"] = limit }
        let messages = (body["messages"]?.array ?? []).map { message -> JSON in
            var message = message
            message["content"] = content(message["content"], path: path)
            return message
        }
        let native: JSON = [
            "model": .string(named), "input": ["messages": .array(messages)], "parameters": parameters,
        ]
        let folder = path == .text ? "text-generation" : "multimodal-generation"
        let reply = try call("/api/v1/services/aigc/\(folder)/generation", native)
        return (reply.requestID, completion(reply.document, requestID: reply.requestID))
    }

    private func content(_ content: JSON?, path: ModelProfile.Path) -> JSON {
        guard let parts = content?.array else { return content ?? .string("") }
        if path == .text { return .string(parts.compactMap { $0["text"]?.string }.joined()) }
        return .array(
            parts.map { part in
                switch part["type"]?.string {
                case "image_url": ["image": part["image_url"]?["url"] ?? .null]
                case "video_url": ["video": part["video_url"]?["url"] ?? .null]
                case "input_audio": ["audio": part["input_audio"]?["data"] ?? .null]
                default: ["text": part["text"] ?? .null]
                }
            }
        )
    }

    private func completion(_ document: JSON, requestID: String) -> JSON {
        let choices = (document["output"]?["choices"]?.array ?? []).enumerated().map { index, choice -> JSON in
            var message = choice["message"] ?? [:]
            if let parts = message["content"]?.array {
                message["content"] = .string(parts.compactMap { $0["text"]?.string }.joined())
            }
            return ["finish_reason": choice["finish_reason"] ?? "stop", "index": .int(index), "message": message]
        }
        let input = document["usage"]?["input_tokens"]?.int ?? 0
        let output = document["usage"]?["output_tokens"]?.int ?? 0
        return [
            "created": .int(Int(Date().timeIntervalSince1970)),
            "usage": [
                "completion_tokens": .int(output), "prompt_tokens": .int(input), "total_tokens": .int(input + output),
            ],
            "model": .string(model), "id": .string("chatcmpl-\(requestID)"), "choices": .array(choices),
            "object": "chat.completion",
        ]
    }

    // MARK: Embeddings

    func embedding() throws(Failure) -> (requestID: String, body: JSON) {
        var parameters: JSON = [:]
        parameters["dimension"] = body["dimensions"]
        var texts = body["input"] ?? .array([])
        if case .string = texts { texts = .array([texts]) }
        let reply = try call(
            TextEmbedding.path,
            ["model": .string(model), "input": ["texts": texts], "parameters": parameters]
        )
        let items = (reply.document["output"]?["embeddings"]?.array ?? [])
            .sorted { ($0["text_index"]?.int ?? 0) < ($1["text_index"]?.int ?? 0) }
            .map {
                ["embedding": $0["embedding"] ?? .null, "index": $0["text_index"] ?? 0, "object": "embedding"] as JSON
            }
        let tokens = reply.document["usage"]?["total_tokens"] ?? 0
        let document: JSON = [
            "data": .array(items), "model": .string(model), "object": "list",
            "usage": ["prompt_tokens": tokens, "total_tokens": tokens], "id": .string(reply.requestID),
        ]
        return (reply.requestID, document)
    }

    private func call(_ path: String, _ body: JSON) throws(Failure) -> (requestID: String, document: JSON) {
        let reply = answer(
            HTTPRequest(
                method: "POST",
                target: path,
                headers: ["Authorization": owner, "Content-Type": "application/json"],
                body: ByteBuffer(bytes: body.bytes)
            )
        )
        guard let document = JSON(bytes: reply.body), reply.status == 200, document["code"] == nil else {
            let document = JSON(bytes: reply.body)
            throw Failure(
                code: document?["code"]?.string ?? "InternalError",
                message: document?["message"]?.string ?? "An internal error has occured, please try again later."
            )
        }
        return (document["request_id"]?.string ?? RequestID.make(), document)
    }
}
