import Foundation
import Testing

/// Puts the events of the Responses API together as OpenAI's SDK and Codex do, and insists on the grammar of the stream.
///
/// Independent of the gateway: the response is created first, events are numbered from 0 without gaps, one item is open at
/// a time, each is added before it is filled and done with everything in it, and nothing follows the end.
struct ResponseAccumulator {
    private var next = 0
    private var id: JSON?
    private(set) var types: [String] = []
    /// Items that are done.
    private(set) var items: [JSON] = []
    private var open: JSON?
    private var hasPart = false
    private var text = ""
    private var annotations: [JSON] = []
    private var hasText = false
    /// The response of the last event.
    private(set) var response: JSON?
    private(set) var last = ""
    private(set) var comments = 0

    /// Reads a whole stream.
    static func read(_ stream: String) throws -> ResponseAccumulator {
        var accumulator = ResponseAccumulator()
        #expect(stream.hasSuffix("\n\n"))
        for event in stream.components(separatedBy: "\n\n").dropLast() {
            if event.hasPrefix(":") {
                accumulator.comments += 1
                continue
            }
            let lines = event.components(separatedBy: "\n")
            try #require(lines.count == 2 && lines[0].hasPrefix("event: ") && lines[1].hasPrefix("data: "))
            let data = try JSON(parsing: String(lines[1].dropFirst("data: ".count)))
            #expect(data["type"]?.text == String(lines[0].dropFirst("event: ".count)))
            try accumulator.add(data)
        }
        return accumulator
    }

    private mutating func add(_ event: JSON) throws {
        let type = try #require(event["type"]?.text)
        #expect(event["sequence_number"]?.int == next, "\(type)")
        #expect(response == nil, "\(type) behind the end")
        next += 1
        types.append(type)
        if types.count == 1 { #expect(type == "response.created") }
        switch type {
        case "response.created", "response.in_progress": try start(try #require(event["response"]))
        case "response.completed", "response.incomplete", "response.failed":
            try end(try #require(event["response"]), type)
        case "response.output_item.added":
            #expect(open == nil && event["output_index"]?.int == items.count)
            open = event["item"]
            #expect(open?["status"] == .string("in_progress"))
            (hasPart, text, annotations, hasText) = (false, "", [], false)
        case "response.output_item.done": try done(event)
        default: try fill(event, type)
        }
    }

    private mutating func start(_ response: JSON) throws {
        #expect(response["status"] == .string("in_progress") && response["output"] == .array([]))
        #expect(response["usage"] == .null && response["error"] == .null)
        if id == nil { id = response["id"] }
        #expect(response["id"] == id)
    }

    private mutating func fill(_ event: JSON, _ type: String) throws {
        let item = try #require(open)
        #expect(event["item_id"] == item["id"] && event["output_index"]?.int == items.count)
        switch type {
        case "response.content_part.added", "response.reasoning_summary_part.added":
            #expect(!hasPart)
            hasPart = true
            #expect(event["part"]?["text"] == .string(""))
        case "response.output_text.delta", "response.reasoning_summary_text.delta":
            #expect(hasPart && !hasText)
            if type == "response.output_text.delta" { _ = try #require(event["logprobs"]) }
            text += try #require(event["delta"]?.text)
        case "response.function_call_arguments.delta", "response.custom_tool_call_input.delta":
            #expect(!hasText)
            text += try #require(event["delta"]?.text)
        case "response.output_text.annotation.added":
            #expect(!hasText && event["annotation_index"]?.int == annotations.count)
            annotations.append(try #require(event["annotation"]))
        case "response.output_text.done", "response.reasoning_summary_text.done": finishText(event["text"])
        case "response.function_call_arguments.done":
            #expect(event["name"] == item["name"])
            finishText(event["arguments"])
        case "response.custom_tool_call_input.done": finishText(event["input"])
        case "response.content_part.done", "response.reasoning_summary_part.done":
            #expect(hasText && event["part"]?["text"] == .string(text))
            hasPart = false
        case "response.web_search_call.in_progress", "response.web_search_call.searching",
            "response.web_search_call.completed":
            #expect(item["type"] == .string("web_search_call"))
            hasText = true
        default: Issue.record("an event \(type)")
        }
    }

    private mutating func finishText(_ whole: JSON?) {
        #expect(!hasText && whole == .string(text))
        hasText = true
    }

    private mutating func done(_ event: JSON) throws {
        let (item, begun) = (try #require(event["item"]), try #require(open))
        #expect(hasText && !hasPart && event["output_index"]?.int == items.count)
        for name in ["id", "type", "name", "call_id", "namespace", "role"] { #expect(item[name] == begun[name]) }
        switch item["type"]?.text {
        case "message":
            #expect(item["content"]?[0]?["text"] == .string(text))
            #expect(item["content"]?[0]?["annotations"] == .array(annotations))
        case "reasoning": #expect(item["summary"]?[0]?["text"] == .string(text))
        case "function_call": #expect(item["arguments"] == .string(text))
        case "custom_tool_call": #expect(item["input"] == .string(text))
        case "web_search_call": #expect(item["action"]?["type"] == .string("search"))
        default: Issue.record("an item \(item)")
        }
        items.append(item)
        open = nil
    }

    private mutating func end(_ response: JSON, _ type: String) throws {
        last = type
        #expect(response["id"] == id)
        #expect(response["status"]?.text == String(type.dropFirst("response.".count)))
        #expect(response["error"] == .null || type == "response.failed")
        if type != "response.failed" {
            #expect(open == nil)
            #expect(response["output"] == .array(items))
        }
        self.response = response
    }
}
