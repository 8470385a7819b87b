import NIOCore
import TestSupport
import Testing

@testable import APITranslation

struct MessagesLawTests {
    /// Any document is either refused with a 400 that names a place or becomes one JSON text.
    @Test(arguments: 0..<400) func anyDocumentIsRefusedOrTranslated(seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed))
        let fields = [
            "system", "stream", "temperature", "top_p", "top_k", "stop_sequences", "tools", "tool_choice", "thinking",
            "output_config", "output_format", "metadata", "cache_control", "service_tier", "context_management", "x",
        ]
        var members = [
            #""model":"\#(["qwen-plus", "qwen3-vl-plus", "qwq-plus", "x"].randomElement(using: &generator) ?? "x")""#,
            #""max_tokens":\#(Int.random(in: 0...100_000, using: &generator))"#,
        ]
        for _ in 0..<Int.random(in: 0...3, using: &generator) {
            let value = RandomRequest.value(0, &generator)
            members.append("\"\(fields.randomElement(using: &generator) ?? "x")\":\(value)")
        }
        let roles = ["user", "system", "assistant"]
        let messages = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
            let role = roles.randomElement(using: &generator) ?? "user"
            let content = Bool.random(using: &generator) ? #""hi""# : RandomRequest.blocks(&generator)
            return #"{"role":"\#(role)","content":\#(content)}"#
        }
        members.append("\"messages\":[\(messages.joined(separator: ","))]")
        let request = "{\(members.joined(separator: ","))}"
        do {
            let run = try MessagesRun(request)
            #expect(!run.messages.isEmpty)
            #expect(run.call.adjustments.headerValue.utf8.count <= 1024)
        } catch let error as APIError {
            #expect(error.status == 400, "\(error.message)")
            #expect(error.param != nil)
            #expect(error.message.contains(": "))
        }
        _ = try? MessagesRun.estimate(request)
    }
}

/// Random pieces of requests, made of words that readers look for.
enum RandomRequest {
    static func value(_ depth: Int, _ generator: inout SeededGenerator) -> String {
        switch Int.random(in: 0..<(depth > 3 ? 5 : 8), using: &generator) {
        case 0: return "null"
        case 1: return Bool.random(using: &generator) ? "true" : "false"
        case 2: return "\(Int.random(in: -1000...1000, using: &generator))"
        case 3: return "\(Double.random(in: -2...2, using: &generator))"
        case 4: return word(&generator)
        case 5, 6:
            let elements = (0..<Int.random(in: 0...3, using: &generator)).map { _ in value(depth + 1, &generator) }
            return "[\(elements.joined(separator: ","))]"
        default: return object(depth, &generator)
        }
    }

    static func blocks(_ generator: inout SeededGenerator) -> String {
        let blocks = (0..<Int.random(in: 0...3, using: &generator)).map { _ in object(1, &generator) }
        return "[\(blocks.joined(separator: ","))]"
    }

    private static func object(_ depth: Int, _ generator: inout SeededGenerator) -> String {
        let names = [
            "type", "text", "name", "source", "content", "tool_use_id", "id", "input", "input_schema", "cache_control",
            "data", "media_type", "url", "title", "budget_tokens", "format", "schema", "effort", "x",
        ]
        var members = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
            "\"\(names.randomElement(using: &generator) ?? "x")\":\(value(depth + 1, &generator))"
        }
        members.append("\"type\":\(word(&generator))")
        return "{\(members.joined(separator: ","))}"
    }

    private static func word(_ generator: inout SeededGenerator) -> String {
        let words = [
            "text", "image", "document", "tool_use", "tool_result", "thinking", "search_result", "base64", "url",
            "enabled", "adaptive", "auto", "any", "tool", "json_schema", "ephemeral", "hi\\n", "你", "",
        ]
        return "\"\(words.randomElement(using: &generator) ?? "")\""
    }
}
