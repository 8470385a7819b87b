import Foundation
import Testing

/// Puts Anthropic's events together as its SDK does, and insists on the grammar of the stream.
///
/// Independent of the gateway: one message begins first, blocks have indexes without gaps, one of them is open at a
/// time, a delta fits its block, and nothing follows the end.
struct MessageAccumulator {
    private var message: JSON?
    private var blocks: [JSON] = []
    private var inputs: [String] = []
    private var hasOpenBlock = false
    private var hasSignature = false
    private var hasDelta = false
    private var hasEnded = false
    private(set) var pings = 0
    private(set) var error: JSON?

    /// Reads a whole stream.
    static func read(_ text: String) throws -> MessageAccumulator {
        var accumulator = MessageAccumulator()
        #expect(text.isEmpty || text.hasSuffix("\n\n"))
        for event in text.components(separatedBy: "\n\n").dropLast() {
            let lines = event.components(separatedBy: "\n")
            try #require(lines.count == 2 && lines[0].hasPrefix("event: ") && lines[1].hasPrefix("data: "))
            let data = try JSON(parsing: String(lines[1].dropFirst("data: ".count)))
            #expect(data["type"]?.text == String(lines[0].dropFirst("event: ".count)))
            try accumulator.add(data)
        }
        return accumulator
    }

    /// The message of a stream that has ended.
    static func message(of run: ReplyRun) throws -> JSON {
        let accumulator = try read(run.text)
        #expect(accumulator.hasEnded)
        return try accumulator.complete()
    }

    /// The message as far as it is there.
    func complete() throws -> JSON {
        var message = try #require(message)
        message["content"] = .array(blocks)
        return message
    }

    private mutating func add(_ event: JSON) throws {
        #expect(!hasEnded && error == nil, "an event behind the end")
        let type = try #require(event["type"]?.text)
        if type != "message_start" && type != "error" { #expect(message != nil, "\(type) before message_start") }
        switch type {
        case "message_start":
            #expect(message == nil, "message_start twice")
            message = event["message"]
            try checkStart(try #require(message))
        case "ping": pings += 1
        case "content_block_start": try start(event)
        case "content_block_delta": try extend(event)
        case "content_block_stop": try stop(event)
        case "message_delta":
            #expect(!hasOpenBlock && !hasDelta)
            hasDelta = true
            for (name, value) in (event["delta"] ?? .null).members { message?[name] = value }
            var usage = try #require(message?["usage"])
            for (name, value) in (event["usage"] ?? .null).members { usage[name] = value }
            message?["usage"] = usage
        case "message_stop":
            #expect(hasDelta)
            hasEnded = true
        case "error": error = event["error"]
        default: Issue.record("an event \(type)")
        }
    }

    private func checkStart(_ message: JSON) throws {
        #expect(message["type"] == .string("message") && message["role"] == .string("assistant"))
        #expect(message["content"] == .array([]))
        #expect(message["stop_reason"] == .null && message["stop_sequence"] == .null)
        for name in [
            "input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens",
        ] {
            #expect(try #require(message["usage"]?[name]?.int) >= 0)
        }
    }

    private mutating func start(_ event: JSON) throws {
        #expect(!hasOpenBlock && !hasDelta)
        #expect(event["index"]?.int == blocks.count)
        let block = try #require(event["content_block"])
        switch block["type"]?.text {
        case "text": #expect(block["text"] == .string(""))
        case "thinking": #expect(block["thinking"] == .string("") && block["signature"] == .string(""))
        case "tool_use", "server_tool_use":
            #expect(block["input"] == .object([:]))
            #expect(try #require(block["id"]?.text).isEmpty == false)
            #expect(try #require(block["name"]?.text).isEmpty == false)
        case "web_search_tool_result": #expect(try #require(block["content"]).elements.isEmpty == false)
        default: Issue.record("a block \(block)")
        }
        blocks.append(block)
        inputs.append("")
        hasOpenBlock = true
        hasSignature = false
    }

    private mutating func extend(_ event: JSON) throws {
        let index = blocks.count - 1
        #expect(hasOpenBlock && event["index"]?.int == index && !hasSignature)
        let delta = try #require(event["delta"])
        let type = try #require(delta["type"]?.text)
        switch (try #require(blocks[index]["type"]?.text), type) {
        case ("text", "text_delta"): append(try #require(delta["text"]?.text), to: "text")
        case ("text", "citations_delta"):
            let citation = try #require(delta["citation"])
            blocks[index]["citations"] = .array((blocks[index]["citations"]?.elements ?? []) + [citation])
        case ("thinking", "thinking_delta"): append(try #require(delta["thinking"]?.text), to: "thinking")
        case ("thinking", "signature_delta"):
            let signature = try #require(delta["signature"]?.text)
            #expect(!signature.isEmpty)
            append(signature, to: "signature")
            hasSignature = true
        case ("tool_use", "input_json_delta"), ("server_tool_use", "input_json_delta"):
            inputs[index] += try #require(delta["partial_json"]?.text)
        case (let block, _): Issue.record("\(type) in \(block)")
        }
    }

    private mutating func append(_ text: String, to name: String) {
        let index = blocks.count - 1
        blocks[index][name] = .string((blocks[index][name]?.text ?? "") + text)
    }

    private mutating func stop(_ event: JSON) throws {
        let index = blocks.count - 1
        #expect(hasOpenBlock && event["index"]?.int == index)
        hasOpenBlock = false
        switch blocks[index]["type"]?.text {
        case "thinking": #expect(hasSignature)
        case "text": #expect(blocks[index]["text"] != .string(""), "an empty block")
        case "tool_use", "server_tool_use":
            guard !inputs[index].isEmpty else { break }
            let input = try? JSON(parsing: inputs[index])
            if case .object = input {
                blocks[index]["input"] = input
            } else {
                blocks[index]["input"] = .object(["INVALID_JSON": .string(inputs[index])])
            }
        default: break
        }
    }
}
